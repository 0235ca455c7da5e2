using System.Collections.Concurrent;

namespace Twite.Messages;

/// <summary>Which recent messages are whose, in memory: what makes a home timeline cheap without writing anything per follower. Holds all
/// messages from its floor up. Changed by the writer thread in the order of commits; read by any thread.</summary>
internal sealed class RecentMessages
{
    private readonly int _capacity;
    private readonly Queue<long> _ids;
    private volatile Generation _generation;
    private long _upTo;

    /// <param name="newest">The newest messages, newest first; all there are when they are fewer than the capacity.</param>
    /// <param name="upTo">The last change they were read after.</param>
    /// <param name="capacity">How many are kept; up to a quarter more before the oldest are let go.</param>
    public RecentMessages(IReadOnlyList<(long Id, long AuthorId)> newest, long upTo, int capacity)
    {
        _capacity = capacity;
        // Never 0, which asks ListChanges for nothing: who starts on an empty network catches up from its beginning.
        _upTo = Math.Max(upTo, 1);
        _ids = new Queue<long>(newest.Count + (capacity / 4));
        _generation = new Generation(newest.Count < capacity ? 0 : newest[^1].Id, new ConcurrentDictionary<long, AuthorIds>(1, 1024));
        for (var i = newest.Count - 1; i >= 0; i--)
        {
            Add(newest[i].Id, newest[i].AuthorId);
        }
    }

    /// <summary>The last change whose effect is in here. Read it before <see cref="Current"/>.</summary>
    public long UpTo => Volatile.Read(ref _upTo);

    /// <summary>How many messages are in here.</summary>
    public int Count => _ids.Count;

    /// <summary>The messages now.</summary>
    public Generation Current => _generation;

    /// <summary>A message was posted.</summary>
    public void Posted(long id, long authorId)
    {
        Add(id, authorId);
        if (_ids.Count > _capacity + (_capacity / 4))
        {
            LetGoOfTheOldest();
        }
        Volatile.Write(ref _upTo, id);
    }

    /// <summary>A message was deleted.</summary>
    public void Deleted(long messageId, long authorId, long changeId)
    {
        if (_generation.Authors.TryGetValue(authorId, out var ids))
        {
            if (ids.Without(messageId) is { } rest)
            {
                _generation.Authors[authorId] = rest;
            }
            else
            {
                _generation.Authors.TryRemove(authorId, out _);
            }
        }
        Volatile.Write(ref _upTo, changeId);
    }

    /// <summary>An author's messages are gone for good.</summary>
    public void Removed(long authorId) => _generation.Authors.TryRemove(authorId, out _);

    private void Add(long id, long authorId)
    {
        _ids.Enqueue(id);
        if (_generation.Authors.TryGetValue(authorId, out var ids))
        {
            ids.Append(id);
        }
        else
        {
            _generation.Authors[authorId] = new AuthorIds([id]);
        }
    }

    // Readers keep the generation they began with; nothing is appended to it any more.
    private void LetGoOfTheOldest()
    {
        while (_ids.Count > _capacity)
        {
            _ids.Dequeue();
        }
        var floor = _ids.Peek();
        var authors = new ConcurrentDictionary<long, AuthorIds>(1, _generation.Authors.Count);
        foreach (var (author, ids) in _generation.Authors)
        {
            if (ids.From(floor) is { } rest)
            {
                authors[author] = rest;
            }
        }
        _generation = new Generation(floor, authors);
    }

    /// <summary>All messages from a floor up, by author.</summary>
    internal sealed record Generation(long Floor, ConcurrentDictionary<long, AuthorIds> Authors);
}
