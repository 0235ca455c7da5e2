namespace Twite.Messages;

/// <summary>Keeps the best few of many ids, in the order of reading: the newest, or the oldest.</summary>
internal sealed class BestIds(int limit, bool oldestFirst)
{
    private readonly long[] _ids = new long[limit];

    public int Count { get; private set; }

    public bool IsFull => Count == limit;

    /// <summary>How many more it can take before the worst has to go.</summary>
    public int Missing => limit - Count;

    public ReadOnlySpan<long> Ids => _ids.AsSpan(0, Count);

    /// <summary>The worst of those kept, when there is no room left; otherwise any id is welcome.</summary>
    public long? Bar => IsFull ? _ids[Count - 1] : null;

    /// <returns>False when it is not among the best: nor is any that comes after it in the order of reading.</returns>
    public bool TryAdd(long id)
    {
        if (IsFull && !Before(id, _ids[Count - 1]))
        {
            return false;
        }
        // Most come in order, so the search from the end is short.
        var at = IsFull ? Count - 1 : Count;
        while (at > 0 && Before(id, _ids[at - 1]))
        {
            at--;
        }
        if (!IsFull)
        {
            Count++;
        }
        Array.Copy(_ids, at, _ids, at + 1, Count - 1 - at);
        _ids[at] = id;
        return true;
    }

    private bool Before(long id, long other) => oldestFirst ? id < other : id > other;
}
