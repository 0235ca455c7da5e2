namespace Twite.Storage;

/// <summary>The ids of one transaction: read from their row once, written back once before the commit, and put back to where they were when a
/// work is undone. Used by the writer thread only.</summary>
internal sealed class IdSequence(StorageConnection connection, TimeProvider time)
{
    private State _stored;
    private State _current;

    /// <summary>A transaction has begun: what another process may have taken meanwhile counts. On a server this locks the row until the
    /// transaction ends, so that ids become visible in their order.</summary>
    public void Load()
    {
        using var reader = connection.Query(connection.Pick(
            sqlite: "SELECT last_change, last_event FROM ids",
            postgres: "SELECT last_change, last_event FROM ids FOR UPDATE"));
        reader.Read();
        _stored = _current = new State(reader.GetInt64(0), reader.GetInt64(1));
    }

    public State Mark() => _current;

    public void ReturnTo(State mark) => _current = mark;

    public ChangeId NextChange()
    {
        var previous = _current.LastChange;
        _current = _current with { LastChange = ChangeId.Next(previous, time.GetUtcNow()) };
        return new ChangeId(_current.LastChange, previous);
    }

    public long NextEvent()
    {
        _current = _current with { LastEvent = ChangeId.Next(_current.LastEvent, time.GetUtcNow()) };
        return _current.LastEvent;
    }

    public void Store()
    {
        if (_current != _stored)
        {
            connection.Send("UPDATE ids SET last_change = ?1, last_event = ?2", _current.LastChange, _current.LastEvent);
            _stored = _current;
        }
    }

    internal readonly record struct State(long LastChange, long LastEvent);
}
