namespace Twite.Messages;

/// <summary>The ids of one author's recent messages, ascending. One thread appends while any number read.</summary>
internal sealed class AuthorIds
{
    private long[] _ids;
    private int _count;

    public AuthorIds(ReadOnlySpan<long> ids)
    {
        _ids = ids.ToArray();
        _count = ids.Length;
    }

    /// <summary>What has been appended so far.</summary>
    public ReadOnlySpan<long> Ids
    {
        get
        {
            // The count first: an array that was read after it holds at least so many.
            var count = Volatile.Read(ref _count);
            return Volatile.Read(ref _ids).AsSpan(0, count);
        }
    }

    public void Append(long id)
    {
        if (_count == _ids.Length)
        {
            var larger = new long[Math.Max(4, _count + (_count >> 1))];
            _ids.AsSpan(0, _count).CopyTo(larger);
            Volatile.Write(ref _ids, larger);
        }
        _ids[_count] = id;
        Volatile.Write(ref _count, _count + 1);
    }

    /// <summary>The same without one id; null when nothing is left.</summary>
    public AuthorIds? Without(long id)
    {
        var ids = Ids;
        var at = ids.BinarySearch(id);
        return at < 0 ? this : ids.Length == 1 ? null : new AuthorIds([.. ids[..at], .. ids[(at + 1)..]]);
    }

    /// <summary>The same without what is below an id; null when nothing is left.</summary>
    public AuthorIds? From(long floor)
    {
        var ids = Ids;
        var at = ids.BinarySearch(floor);
        at = at < 0 ? ~at : at;
        return at == 0 ? this : at == ids.Length ? null : new AuthorIds(ids[at..]);
    }

    /// <summary>Offers the ids within a window, in the order of reading, until one is not wanted.</summary>
    public void Offer(Window window, BestIds best)
    {
        var ids = Ids;
        if (window.OldestFirst)
        {
            var from = ids.BinarySearch(window.Above);
            for (var i = from < 0 ? ~from : from + 1; i < ids.Length && ids[i] < window.Below && best.TryAdd(ids[i]); i++)
            {
            }
            return;
        }
        var last = ids.Length - 1;
        if (last >= 0 && ids[last] >= window.Below)
        {
            var at = ids.BinarySearch(window.Below);
            last = (at < 0 ? ~at : at) - 1;
        }
        for (; last >= 0 && ids[last] > window.Above && best.TryAdd(ids[last]); last--)
        {
        }
    }
}
