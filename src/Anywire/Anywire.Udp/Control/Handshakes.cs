using System.Net.Sockets;

namespace Anywire.Udp.Control;

/// <summary>Connections that have not proved yet who they are. When there are too many the oldest goes: a storm of those that never speak cannot keep out one that does.
/// Any thread may use it.</summary>
internal sealed class Handshakes(int most)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<Socket> _waiting = [];

    /// <summary>Lets one more wait; the returned place is given back by <see cref="Leave"/>.</summary>
    public LinkedListNode<Socket> Enter(Socket socket)
    {
        Socket? oldest = null;
        LinkedListNode<Socket> place;
        lock (_lock)
        {
            if (_waiting.Count >= most)
            {
                oldest = _waiting.First!.Value;
                _waiting.RemoveFirst();
            }
            place = _waiting.AddLast(socket);
        }
        oldest?.Dispose();
        return place;
    }

    public void Leave(LinkedListNode<Socket> place)
    {
        lock (_lock)
        {
            if (place.List is not null)
            {
                _waiting.Remove(place);
            }
        }
    }
}
