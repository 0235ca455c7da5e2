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
    private readonly Engine _engine;
    private readonly OutboxWriter _outbox;
    private readonly TimeProvider _time;
    private readonly GroupEnd _end = new();
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private WriteSession? _session;
    private bool _closed;

    public CommitLoop(DatabaseOptions options, Engine engine, OutboxWriter outbox, ILogger logger, TimeProvider time)
    {
        _options = options;
        _engine = engine;
        _outbox = outbox;
        _time = time;
        _logger = logger;
        _session = OpenSession();
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
        _session?.Connection.Dispose();
    }

    private WriteSession OpenSession() => new(_engine.OpenWriter(), _outbox, _options.HandledEventsKept, _end, _time);

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
        if (TryBegin(group, first) is not { } session)
        {
            return;
        }
        var running = first;
        var committing = false;
        try
        {
            var tried = 0;
            do
            {
                tried++;
                var failure = RunAlone(session, running);
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
            while (tried < _engine.MaxBatch && TryTake(out running!));
            running = null;

            foreach (var action in _end.BeforeCommit)
            {
                action(session.Connection);
            }
            session.StoreIds();
            CrashPoint.Hit(CrashPoint.BeforeCommit, _options.Name);
            committing = true;
            session.Connection.Commit();
        }
        catch (Exception error)
        {
            if (running is not null)
            {
                group.Add(running);
            }
            FailAll(group, error, committing);
            return;
        }
        CrashPoint.Hit(CrashPoint.AfterCommitBeforePublish, _options.Name);
        Publish(group);
    }

    /// <returns>Null when all that would have had to wait for it were refused.</returns>
    private WriteSession? TryBegin(List<PendingWrite> group, PendingWrite first)
    {
        try
        {
            return Begin();
        }
        catch (Exception error)
        {
            group.Add(first);
            if (_engine.Explain(error)?.Failure == StorageFailure.Away)
            {
                // To find that out takes seconds: whoever waited for it would, one after the other, wait as long again, also when the program stops.
                while (TryTake(out var other))
                {
                    group.Add(other);
                }
            }
            FailAll(group, error, committing: false);
            return null;
        }
    }

    private WriteSession Begin()
    {
        var session = _session ??= OpenSession();
        try
        {
            session.Begin();
            return session;
        }
        catch (Exception error) when (_engine.IsBroken(error))
        {
            // It broke while nobody used it. Nothing was done with it: the group may begin on another.
            DropSession(session);
        }
        session = _session = OpenSession();
        session.Begin();
        return session;
    }

    /// <returns>What the work threw; null when it is done.</returns>
    /// <exception cref="Exception">The whole transaction is lost.</exception>
    private Exception? RunAlone(WriteSession session, PendingWrite write)
    {
        var mark = session.Mark();
        session.Connection.BeginWork();
        try
        {
            session.Trace = write.Trace;
            write.Run(session);
            session.Connection.EndWork();
            return null;
        }
        catch (Exception error)
        {
            // A full disk and its like, or a server that went away, undo everything, not only this work.
            if (!session.Connection.InTransaction)
            {
                throw;
            }
            session.Connection.UndoWork();
            session.ReturnTo(mark);
            return _engine.Explain(error) ?? error;
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

    private void FailAll(List<PendingWrite> group, Exception error, bool committing)
    {
        var inTransaction = RollBack();
        var failure = _engine.Explain(error) ?? error;
        if (!committing || !_engine.IsShared || inTransaction)
        {
            _logger.CommitFailed(error, _options.Name, group.Count);
        }
        else
        {
            _logger.CommitUncertain(error, _options.Name, group.Count);
            failure = new StorageException(StorageFailure.Uncertain,
                $"{_engine.Place} went away during a commit: whether its {group.Count} writes were stored is not known.", failure);
        }
        foreach (var write in group)
        {
            write.Fail(failure);
        }
    }

    /// <returns>Whether there was something to roll back.</returns>
    private bool RollBack()
    {
        if (_session is null)
        {
            return false;
        }
        try
        {
            if (_session.Connection.InTransaction)
            {
                _session.Connection.Rollback();
                return true;
            }
        }
        catch (Exception rollback) when (_engine.Explain(rollback) is not null)
        {
            _logger.CommitFailed(rollback, _options.Name, 0);
        }
        if (_engine.IsShared)
        {
            // The next group tries with a connection of its own.
            DropSession(_session);
        }
        return false;
    }

    private void DropSession(WriteSession session)
    {
        session.Connection.Dispose();
        _session = null;
    }
}
