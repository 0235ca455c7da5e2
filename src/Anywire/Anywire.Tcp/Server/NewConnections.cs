namespace Anywire.Tcp.Server;

/// <summary>The connections that have not yet said who they are, oldest first. When there are too many the oldest gives way: those who have something to say say
/// it at once. Any thread may use it.</summary>
/// <param name="max">The most of them.</param>
internal sealed class NewConnections(int max)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<CancellationTokenSource> _waiting = [];

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>One more.</summary>
    /// <param name="patience">Cancelled when it has to give way.</param>
    public LinkedListNode<CancellationTokenSource> Add(CancellationTokenSource patience)
    {
        CancellationTokenSource? oldest = null;
        LinkedListNode<CancellationTokenSource> place;
        lock (_lock)
        {
            place = _waiting.AddLast(patience);
            if (_waiting.Count > max)
            {
                oldest = _waiting.First!.Value;
                _waiting.RemoveFirst();
            }
        }
        if (oldest is not null)
        {
            _ = oldest.CancelAsync();
        }
        return place;
    }

    /// <summary>It has said who it is, or has gone.</summary>
    public void Remove(LinkedListNode<CancellationTokenSource> place)
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
