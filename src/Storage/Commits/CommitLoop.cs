using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Twite.Storage;

/// <summary>The writer thread. Writes that wait together share one transaction and one fsync, each in a savepoint of its own; a lone one does
/// not wait for company.</summary>
internal sealed class CommitLoop : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Queue<PendingWrite> _waiting = new();
    private readonly ManualResetEventSlim _wake = new(false, spinCount: 50);
    private readonly DatabaseOptions _options;
    private readonly StorageConnection _connection;
    private readonly IdSequence _ids;
    private readonly GroupEnd _end = new();
    private readonly WriteSession _session;
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private bool _closed;

    public CommitLoop(DatabaseOptions options, StorageConnection connection, OutboxWriter outbox, ILogger logger, TimeProvider time)
    {
        _options = options;
        _connection = connection;
        _logger = logger;
        _ids = new IdSequence(connection, time);
        var handled = new HandledEvents(connection, options.HandledEventsKept, time);
        _session = new WriteSession(connection, _ids, outbox, handled, _end, time);
        _thread = new Thread(Loop) { IsBackground = true, Name = $"commits of {options.Name}" };
        _thread.Start();
    }

    public Task<T> WriteAsync<T>(Func<WriteSession, T> work, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }
        var write = new PendingWrite<T>(work);
        lock (_lock)
        {
            if (_closed)
            {
                return Task.FromException<T>(Closed());
            }
            if (_waiting.Count >= _options.MaxWaitingWrites)
            {
                return Task.FromException<T>(new StorageException(StorageFailure.Busy,
                    $"{_waiting.Count} writes are waiting for {_options.Name} already. Try again in a moment."));
            }
            _waiting.Enqueue(write);
            _wake.Set();
        }
        write.CancelWith(cancellationToken);
        return write.Task;
    }

    /// <summary>Takes no more writes, finishes those that wait, and ends the thread.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_closed)
            {
                return;
            }
            _closed = true;
            _wake.Set();
        }
        _thread.Join();
        _wake.Dispose();
        _connection.Dispose();
    }

    private StorageException Closed() => new(StorageFailure.Closed, $"The database {_options.Name} is closed: the program is stopping.");

    private void Loop()
    {
        var group = new List<PendingWrite>();
        while (true)
        {
            if (TryTake(out var first))
            {
                Commit(group, first);
                continue;
            }
            lock (_lock)
            {
                if (_waiting.Count > 0)
                {
                    continue;
                }
                if (_closed)
                {
                    return;
                }
                _wake.Reset();
            }
            _wake.Wait();
        }
    }

    private bool TryTake(out PendingWrite write)
    {
        lock (_lock)
        {
            while (_waiting.TryDequeue(out write!))
            {
                if (write.TryStart())
                {
                    return true;
                }
            }
        }
        return false;
    }

    private void Commit(List<PendingWrite> group, PendingWrite first)
    {
        group.Clear();
        _end.Clear();
        var running = first;
        try
        {
            _ids.Begin();
            _connection.Run("BEGIN IMMEDIATE");
            do
            {
                var failure = RunInSavepoint(running);
                if (failure is null)
                {
                    group.Add(running);
                }
                else
                {
                    running.Fail(failure);
                }
                running = null;
            }
            while (group.Count < _options.MaxBatch && TryTake(out running!));
            running = null;

            foreach (var action in _end.BeforeCommit)
            {
                action(_connection);
            }
            _ids.Store();
            CrashPoint.Hit(CrashPoint.BeforeCommit, _options.Name);
            _connection.Run("COMMIT");
        }
        catch (Exception error)
        {
            if (running is not null)
            {
                group.Add(running);
            }
            FailAll(group, error);
            return;
        }
        CrashPoint.Hit(CrashPoint.AfterCommitBeforePublish, _options.Name);
        Publish(group);
    }

    /// <returns>What the work threw; null when it is done.</returns>
    /// <exception cref="SqliteException">The whole transaction is lost.</exception>
    private Exception? RunInSavepoint(PendingWrite write)
    {
        var ids = _ids.Mark();
        var end = _end.Mark();
        _connection.Run("SAVEPOINT work");
        try
        {
            _session.Trace = write.Trace;
            write.Run(_session);
            _connection.Run("RELEASE work");
            return null;
        }
        catch (Exception error)
        {
            // A full disk and its like make SQLite roll back everything, not only this work.
            if (SQLitePCL.raw.sqlite3_get_autocommit(_connection.Handle) != 0)
            {
                throw;
            }
            _connection.Run("ROLLBACK TO work");
            _connection.Run("RELEASE work");
            _ids.ReturnTo(ids);
            _end.ReturnTo(end);
            return Translate(error);
        }
    }

    private void Publish(List<PendingWrite> group)
    {
        foreach (var action in _end.OnCommitted)
        {
            try
            {
                action();
            }
            catch (Exception error)
            {
                _logger.CallbackFailed(error, _options.Name);
            }
        }
        foreach (var write in group)
        {
            write.Complete();
        }
    }

    private void FailAll(List<PendingWrite> group, Exception error)
    {
        _logger.CommitFailed(error, _options.Name, group.Count);
        try
        {
            if (SQLitePCL.raw.sqlite3_get_autocommit(_connection.Handle) == 0)
            {
                _connection.Run("ROLLBACK");
            }
        }
        catch (SqliteException rollback)
        {
            _logger.CommitFailed(rollback, _options.Name, group.Count);
        }
        var failure = Translate(error);
        foreach (var write in group)
        {
            write.Fail(failure);
        }
    }

    private Exception Translate(Exception error) =>
        error is SqliteException sqlite && StorageException.From(sqlite, _options.Path) is { } failure ? failure : error;
}
