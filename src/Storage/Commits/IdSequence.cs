namespace Twite.Storage;

/// <summary>The ids of one transaction: read from their row once, written back once before the commit, and put back to where they were when a
/// savepoint is rolled back. Used by the writer thread only.</summary>
internal sealed class IdSequence(StorageConnection connection, TimeProvider time)
{
    private bool _loaded;
    private State _stored;
    private State _current;

    public State Mark()
    {
        Load();
        return _current;
    }

    public void ReturnTo(State mark) => _current = mark;

    public ChangeId NextChange()
    {
        Load();
        var previous = _current.LastChange;
        _current = _current with { LastChange = ChangeId.Next(previous, time.GetUtcNow()) };
        return new ChangeId(_current.LastChange, previous);
    }

    public long NextEvent()
    {
        Load();
        _current = _current with { LastEvent = ChangeId.Next(_current.LastEvent, time.GetUtcNow()) };
        return _current.LastEvent;
    }

    /// <summary>A transaction begins: what another process may have taken meanwhile counts.</summary>
    public void Begin() => _loaded = false;

    public void Store()
    {
        if (_loaded && _current != _stored)
        {
            connection.Run("UPDATE ids SET last_change = ?1, last_event = ?2", _current.LastChange, _current.LastEvent);
            _stored = _current;
        }
    }

    private void Load()
    {
        if (_loaded)
        {
            return;
        }
        using var reader = connection.Statement("SELECT last_change, last_event FROM ids").ExecuteReader();
        reader.Read();
        _stored = _current = new State(reader.GetInt64(0), reader.GetInt64(1));
        _loaded = true;
    }

    internal readonly record struct State(long LastChange, long LastEvent);
}
