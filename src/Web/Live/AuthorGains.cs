namespace Twite.Web.Live;

/// <summary>An author an audience listens to from a mark on, though perhaps followed before.</summary>
/// <param name="AuthorId">Who.</param>
/// <param name="AfterId">Up to this change the author is known not to have been followed, or was listened to.</param>
/// <param name="UpToId">The mark at which it began to listen: what lies between was not given to its streams.</param>
internal readonly record struct AuthorGain(long AuthorId, long AfterId, long UpToId);

/// <summary>Whom one audience has come to listen to, numbered from 1: word of a follow may come after what the followed one said, or be lost, so each
/// stream reads that once. Guarded by the index's lock.</summary>
internal sealed class AuthorGains
{
    private const int MostKept = 1_024;
    private readonly Queue<AuthorGain> _kept = new();
    private readonly Dictionary<long, long> _lostAt = [];
    private long _listedAt;

    /// <summary>The number of the latest.</summary>
    public long Count { get; private set; }

    /// <summary>An author is listened to after the mark.</summary>
    public void Gain(long authorId, long mark)
    {
        _lostAt.Remove(authorId, out var lostAt);
        _kept.Enqueue(new AuthorGain(authorId, Math.Max(_listedAt, lostAt), mark));
        if (_kept.Count > MostKept)
        {
            _kept.Dequeue();
        }
        Count++;
    }

    /// <summary>An author is not listened to after the mark.</summary>
    public void Lose(long authorId, long mark)
    {
        if (_lostAt.Count == MostKept)
        {
            // Rather miss something than show it twice.
            TakeList(mark);
        }
        _lostAt[authorId] = mark;
    }

    /// <summary>Whom the audience listens to was read when everything up to the mark had happened: nobody else was followed then.</summary>
    public void TakeList(long mark)
    {
        _listedAt = Math.Max(_listedAt, mark);
        foreach (var (author, lostAt) in _lostAt)
        {
            if (lostAt <= _listedAt)
            {
                _lostAt.Remove(author);
            }
        }
    }

    /// <summary>Those after a number and up to another, in order; null when some are not kept any more.</summary>
    public IReadOnlyList<AuthorGain>? Take(long after, long upTo)
    {
        var first = Count - _kept.Count;
        return after < first && after < upTo ? null : [.. _kept.Skip((int)(after - first)).Take((int)(upTo - after))];
    }
}
