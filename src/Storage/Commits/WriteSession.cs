using System.Diagnostics;

namespace Twite.Storage;

/// <summary>What a piece of work may do inside a group commit. Lives while the work runs, on the writer thread; keep nothing of it. All that
/// was done through it is undone when the work throws.</summary>
public sealed class WriteSession
{
    private readonly IdSequence _ids;
    private readonly OutboxWriter _outbox;
    private readonly HandledEvents _handled;
    private readonly GroupEnd _end;
    private readonly TimeProvider _time;

    internal WriteSession(StorageConnection connection, OutboxWriter outbox, TimeSpan handledKept, GroupEnd end, TimeProvider time)
    {
        Connection = connection;
        _ids = new IdSequence(connection, time);
        _handled = new HandledEvents(connection, handledKept, time);
        _outbox = outbox;
        _end = end;
        _time = time;
    }

    /// <summary>The writer's connection, inside the transaction.</summary>
    public StorageConnection Connection { get; }

    /// <summary>The time now.</summary>
    public DateTimeOffset Now => _time.GetUtcNow();

    internal ActivityContext Trace { get; set; }

    /// <summary>Takes the next id. Ids are taken in the order in which they become visible, by one writer at a time.</summary>
    public ChangeId NextId() => _ids.NextChange();

    /// <summary>Leaves an event for another service in the outbox: it is handed over after the commit, again and again until it was handled.</summary>
    /// <param name="receiver">The receiver's name in the topology.</param>
    /// <param name="type">What the sender tells its events apart by.</param>
    /// <param name="body">The serialized event. The outbox keeps the array: do not change it.</param>
    public void Enqueue(string receiver, string type, byte[] body) =>
        _outbox.Add(Connection, _end, _ids.NextEvent(), receiver, type, body, Trace);

    /// <summary>Remembers that an event of another service is being handled here.</summary>
    /// <returns>False when it was handled before: do nothing then.</returns>
    public bool TryBegin(string eventId) => _handled.TryAdd(eventId);

    /// <summary>Runs something once, after all works of this group and just before its commit, outside of any savepoint: for what is cheaper
    /// done once for many. When it throws, the whole group fails: only the storage may be the reason.</summary>
    public void BeforeCommit(Action<StorageConnection> action) => _end.BeforeCommit.Add(action);

    /// <summary>Runs something on the writer thread once the commit is on disk, in the order of the commits and before this write's caller goes
    /// on: for what is kept in memory. It must be quick and not throw.</summary>
    public void OnCommitted(Action action) => _end.OnCommitted.Add(action);

    /// <summary>A group begins. Whoever has the row of ids writes, and everybody else waits: the works of all replicas run one at a time.</summary>
    internal void Begin()
    {
        Connection.BeginWrite();
        _ids.Load();
    }

    internal Place Mark() => new(_ids.Mark(), _end.Mark());

    internal void ReturnTo(Place place)
    {
        _ids.ReturnTo(place.Ids);
        _end.ReturnTo(place.End);
    }

    internal void StoreIds() => _ids.Store();

    internal readonly record struct Place(IdSequence.State Ids, (int Before, int After) End);
}

/// <summary>What the works of a group left for its end.</summary>
internal sealed class GroupEnd
{
    public List<Action<StorageConnection>> BeforeCommit { get; } = [];

    public List<Action> OnCommitted { get; } = [];

    public (int Before, int After) Mark() => (BeforeCommit.Count, OnCommitted.Count);

    public void ReturnTo((int Before, int After) mark)
    {
        BeforeCommit.RemoveRange(mark.Before, BeforeCommit.Count - mark.Before);
        OnCommitted.RemoveRange(mark.After, OnCommitted.Count - mark.After);
    }

    public void Clear() => ReturnTo((0, 0));
}
