using Microsoft.Extensions.Logging;
using Twite.Commands;

namespace Twite.Supervision;

/// <summary>One instance of a service, kept running: started, started again when it ends, until it is stopped. Start and stop it once; any thread
/// may use the rest.</summary>
/// <param name="name">Its name.</param>
/// <param name="launch">Starts its process.</param>
/// <param name="backoff">How long to wait after a crash.</param>
/// <param name="logger">Where to say what happens to it.</param>
/// <param name="time">The clock.</param>
internal sealed class SupervisedInstance(string name, Func<IChild> launch, RestartBackoff backoff, ILogger logger, TimeProvider time) : IAsyncDisposable
{
    // A process that has never been ready and fails that often will not be by trying on.
    private const int FirstTries = 3;
    private static readonly TimeSpan StopTimeout = Lifeline.DrainTimeout + TimeSpan.FromSeconds(5);

    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _whole = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Failure> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    private IChild? _child;
    private ChildReport? _report;
    private long _readySince;
    private long _reports;
    private int _exitCode;
    private volatile bool _isLast;
    private volatile bool _isSettled;
    private Task _keeping = Task.CompletedTask;

    /// <summary>Its name.</summary>
    public string Name => name;

    /// <summary>Completes when it can do its work for the first time.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Completes when it lacks nothing for the first time.</summary>
    public Task Whole => _whole.Task;

    /// <summary>Completes when it ended in a way that another start would not mend.</summary>
    public Task<Failure> Failed => _failed.Task;

    /// <summary>What it last said of itself; null while it starts.</summary>
    public ChildReport? Report => Volatile.Read(ref _report);

    /// <summary>The id of its process; null when it has none now.</summary>
    public int? ProcessId
    {
        get
        {
            lock (_lock)
            {
                return _child?.Id;
            }
        }
    }

    /// <summary>Starts it and keeps it running.</summary>
    public void Start() => _keeping = Task.Run(KeepAsync);

    /// <summary>From now on what it lacks is worth a warning: while the others start it lacks them, and that is no news.</summary>
    public void Settle() => _isSettled = true;

    /// <summary>Starts it no more when it ends; it runs on.</summary>
    public void LetEnd() => _isLast = true;

    /// <summary>Has it drain, and waits for that; ends it by force when it takes too long.</summary>
    /// <returns>Whether it ended in order.</returns>
    public async Task<bool> StopAsync()
    {
        await _stopping.CancelAsync();
        lock (_lock)
        {
            _child?.Stop();
        }
        try
        {
            await _keeping.WaitAsync(StopTimeout, time);
        }
        catch (TimeoutException)
        {
            SupervisionLog.EndedByForce(logger, name, StopTimeout);
            Kill();
            await _keeping;
        }
        return _exitCode == ExitCodes.Ok;
    }

    /// <summary>Ends its process at once and starts no other.</summary>
    public void Kill()
    {
        _stopping.Cancel();
        lock (_lock)
        {
            _child?.Kill();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Kill();
        await _keeping;
        _stopping.Dispose();
    }

    private async Task KeepAsync()
    {
        try
        {
            for (var run = 1; await RunOnceAsync() is { } pause; run++)
            {
                if (!_ready.Task.IsCompleted && run >= FirstTries)
                {
                    _failed.TrySetResult(new Failure(ExitCodes.Failed, $"{name} cannot start: {_report?.Reason ?? $"it ended with exit code {_exitCode}"}"));
                    return;
                }
                await Task.Delay(pause, time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        catch (Exception error)
        {
            _failed.TrySetResult(Failure.Of(error));
        }
    }

    /// <returns>How long to wait before it is started again; null when it is not to be.</returns>
    private async Task<TimeSpan?> RunOnceAsync()
    {
        IChild child;
        lock (_lock)
        {
            if (_isLast || _stopping.IsCancellationRequested)
            {
                return null;
            }
            try
            {
                child = _child = launch();
            }
            catch (Exception error) when (_ready.Task.IsCompleted)
            {
                // It can run here; that the machine gives no process just now passes.
                _exitCode = ExitCodes.Failed;
                Volatile.Write(ref _report, null);
                return PauseAfter($"cannot be started again: {Failure.Of(error).Message}", TimeSpan.Zero);
            }
        }
        using (child)
        {
            SupervisionLog.Started(logger, name, child.Id);
            Volatile.Write(ref _readySince, 0);
            Volatile.Write(ref _report, null);
            using (var ended = new CancellationTokenSource())
            {
                var watching = EndWhenItHangsAsync(child, ended.Token);
                await foreach (var report in child.ReadReportsAsync())
                {
                    Take(report);
                    Interlocked.Increment(ref _reports);
                }
                _exitCode = await child.WaitForExitAsync();
                await ended.CancelAsync();
                await watching;
            }
            lock (_lock)
            {
                _child = null;
            }
        }
        return _isLast || _stopping.IsCancellationRequested ? null : AfterEnd();
    }

    private async Task EndWhenItHangsAsync(IChild child, CancellationToken ended)
    {
        var (missed, heard) = (0, 0L);
        while (missed < Heartbeat.MostMissed)
        {
            await Task.Delay(Heartbeat.Interval, time, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (ended.IsCancellationRequested)
            {
                return;
            }
            var reports = Interlocked.Read(ref _reports);
            // One that starts may take its time.
            missed = reports == heard && Volatile.Read(ref _readySince) != 0 ? missed + 1 : 0;
            heard = reports;
        }
        SupervisionLog.Hangs(logger, name, Heartbeat.Interval * Heartbeat.MostMissed);
        child.Kill();
    }

    private TimeSpan? AfterEnd()
    {
        // Once it was ready it was started rightly: whoever edits a file that it reads at its start ends no more than it.
        if (_exitCode == ExitCodes.Usage && !_ready.Task.IsCompleted)
        {
            _failed.TrySetResult(new Failure(ExitCodes.Usage, Report is { State: ChildState.Failed, Reason: { } reason } ? reason : $"{name} was started wrongly; its log says how."));
            return null;
        }
        if (_exitCode == ExitCodes.Ok)
        {
            // Somebody stopped it by itself, as one does to have it started anew.
            SupervisionLog.EndedInOrder(logger, name);
            return TimeSpan.Zero;
        }
        return PauseAfter(How(), _readySince == 0 ? TimeSpan.Zero : time.GetElapsedTime(_readySince));
    }

    private TimeSpan PauseAfter(string what, TimeSpan wasReadyFor)
    {
        var pause = backoff.Next(wasReadyFor);
        SupervisionLog.Crashed(logger, name, what, pause);
        return pause;
    }

    private void Take(ChildReport report)
    {
        var isNews = !report.SaysAs(Report);
        Volatile.Write(ref _report, report);
        if (isNews)
        {
            TakeNews(report);
        }
    }

    private void TakeNews(ChildReport report)
    {
        switch (report.State)
        {
            case ChildState.Ready:
                SupervisionLog.IsReady(logger, name);
                BeReady();
                _whole.TrySetResult();
                break;
            case ChildState.Degraded when !_isSettled:
                BeReady();
                break;
            case ChildState.Degraded:
                SupervisionLog.IsDegraded(logger, name, report.Reason);
                BeReady();
                break;
            case ChildState.NotReady when !_isSettled:
                break;
            case ChildState.NotReady:
                SupervisionLog.IsNotReady(logger, name, report.Reason);
                break;
            case ChildState.Failed:
            default:
                break;
        }
    }

    private void BeReady()
    {
        if (_readySince == 0)
        {
            Volatile.Write(ref _readySince, time.GetTimestamp());
        }
        _ready.TrySetResult();
    }

    private string How() => _exitCode > 128 ? $"was ended by signal {_exitCode - 128}"
        : Report is { State: ChildState.Failed, Reason: { } reason } ? $"ended: {reason}"
        : $"ended with exit code {_exitCode}";
}
