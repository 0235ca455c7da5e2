namespace Anywire.Server;

/// <summary>Those who have come and not yet said who they are, oldest first. When there are too many the oldest gives way: those who have something to say say it at once, so
/// that a storm of those that never speak keeps out nobody who does. Any thread may use it.</summary>
/// <param name="max">The most of them.</param>
/// <param name="giveWay">Called with one that has to, which cannot leave before that has returned; it does not wait.</param>
internal sealed class Newcomers<T>(int max, Action<T> giveWay)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<T> _waiting = [];

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
    /// <returns>Its place, for <see cref="Leave"/>.</returns>
    public LinkedListNode<T> Enter(T newcomer)
    {
        lock (_lock)
        {
            var place = _waiting.AddLast(newcomer);
            if (_waiting.Count > max)
            {
                var oldest = _waiting.First!;
                _waiting.RemoveFirst();
                // Here: once it can leave, it may be disposed.
                giveWay(oldest.Value);
            }
            return place;
        }
    }

    /// <summary>It has said who it is, or has gone.</summary>
    public void Leave(LinkedListNode<T> place)
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
