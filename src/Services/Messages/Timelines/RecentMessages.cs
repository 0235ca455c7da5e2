using System.Collections.Concurrent;
using Twite.Storage;

namespace Twite.Messages;

/// <summary>Which recent messages are whose, in memory: what makes a home timeline cheap without writing anything per follower. Holds all
/// messages from its floor up. Changed in the order of commits, by the writer thread and, where replicas write too, by whoever finds it behind;
/// read by any thread.</summary>
internal sealed class RecentMessages
{
    private readonly Lock _changing = new();
    private readonly bool _isShared;
    private readonly int _capacity;
    private readonly Queue<long> _ids;
    private volatile Generation _generation;
    private long _upTo;

    /// <param name="newest">The newest messages, newest first; all there are when they are fewer than the capacity.</param>
    /// <param name="upTo">The last change they were read after.</param>
    /// <param name="capacity">How many are kept; up to a quarter more before the oldest are let go.</param>
    /// <param name="isShared">Whether replicas post too.</param>
    public RecentMessages(IReadOnlyList<(long Id, long AuthorId)> newest, long upTo, int capacity, bool isShared)
    {
        _isShared = isShared;
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

    /// <summary>A message was posted here.</summary>
    public void Posted(ChangeId change, long authorId)
    {
        lock (_changing)
        {
            if (IsNext(change))
            {
                Add(change.Id, authorId);
                Volatile.Write(ref _upTo, change.Id);
            }
        }
    }

    /// <summary>A message was deleted here.</summary>
    public void Deleted(ChangeId change, long messageId, long authorId)
    {
        lock (_changing)
        {
            if (IsNext(change))
            {
                Delete(messageId, authorId);
                Volatile.Write(ref _upTo, change.Id);
            }
        }
    }

    /// <summary>Something else was changed here, which has its place among the others.</summary>
    public void Changed(ChangeId change, Action effect)
    {
        lock (_changing)
        {
            if (IsNext(change))
            {
                effect();
                Volatile.Write(ref _upTo, change.Id);
            }
        }
    }

    /// <summary>An author's messages are gone for good.</summary>
    public void Removed(long authorId)
    {
        lock (_changing)
        {
            _generation.Authors.TryRemove(authorId, out _);
        }
    }

    /// <summary>Takes in what replicas did.</summary>
    /// <param name="last">The last change to be taken in.</param>
    /// <param name="read">Reads what came after a change, up to that one.</param>
    public void CatchUp(long last, Func<long, MissedChanges> read)
    {
        lock (_changing)
        {
            if (last <= _upTo)
            {
                return;
            }
            var missed = read(_upTo);
            foreach (var (id, authorId) in missed.Posted)
            {
                Add(id, authorId);
            }
            foreach (var (id, authorId) in missed.Deleted)
            {
                Delete(id, authorId);
            }
            foreach (var authorId in missed.Removed)
            {
                _generation.Authors.TryRemove(authorId, out _);
            }
            Volatile.Write(ref _upTo, last);
        }
    }

    // A change whose forerunner is missing waits for a reader to bring both; one that a reader has brought already is done with.
    private bool IsNext(ChangeId change) => !_isShared || (change.Id > _upTo && change.Previous <= _upTo);

    private void Delete(long messageId, long authorId)
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
    }

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
        if (_ids.Count > _capacity + (_capacity / 4))
        {
            LetGoOfTheOldest();
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
