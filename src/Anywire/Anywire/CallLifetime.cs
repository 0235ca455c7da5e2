using System.Runtime.CompilerServices;
using Anywire.Server;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Anywire;

/// <summary>How long a call may run: until its deadline passes or somebody cancels it. Whoever is told of it and fails then is logged, and ends nothing else. Any thread; dispose
/// when the call has ended.</summary>
internal class CallLifetime : IDisposable
{
    // The longest due time a timer takes, less a day.
    private static readonly TimeSpan MaxTimer = TimeSpan.FromDays(48);

    private readonly CancellationToken _callerToken;
    private readonly ILoggerFactory? _loggers;
    private readonly CancellationTokenSource _own = new();
    private readonly ITimer? _timer;
    private readonly CancellationTokenRegistration _onCaller;
    private volatile StrongBox<Status>? _reason;

    /// <param name="deadline">In UTC; <see cref="DateTime.MaxValue"/>: never.</param>
    /// <param name="time">The clock.</param>
    /// <param name="callerToken">Ends it too. A failure of whoever is told by that is its owner's.</param>
    /// <param name="loggers">Where failures are told of those who are told; null: they are ours, and have none.</param>
    public CallLifetime(DateTime deadline, TimeProvider time, CancellationToken callerToken, ILoggerFactory? loggers = null)
    {
        (_callerToken, _loggers) = (callerToken, loggers);
        var remaining = deadline == DateTime.MaxValue ? MaxTimer : deadline - time.GetUtcNow().UtcDateTime;
        Token = _own.Token;
        _onCaller = callerToken.UnsafeRegister(static lifetime => ((CallLifetime)lifetime!).Pass(), this);
        if (remaining <= TimeSpan.Zero)
        {
            _own.Cancel();
        }
        else if (remaining < MaxTimer)
        {
            // Timers count whole milliseconds and round down; a deadline must not pass early. A source's own timer would end the process when somebody fails who is told.
            _timer = StartTimer(time, remaining + TimeSpan.FromMilliseconds(1));
        }
    }

    /// <summary>Cancelled when the call is to end early.</summary>
    public CancellationToken Token { get; }

    /// <summary>Why it ended early.</summary>
    public Status EarlyEnd => _reason is { } reason
        ? reason.Value
        : _callerToken.IsCancellationRequested ? Cancelled : new Status(StatusCode.DeadlineExceeded, "The deadline passed.");

    private static Status Cancelled => new(StatusCode.Cancelled, "The call was cancelled.");

    public void Cancel() => End(Cancelled);

    /// <summary>Ends the call early; the first reason counts.</summary>
    public void End(Status reason)
    {
        if (Token.IsCancellationRequested)
        {
            return;
        }
        Interlocked.CompareExchange(ref _reason, new StrongBox<Status>(reason), null);
        Tell();
    }

    public void Dispose()
    {
        _timer?.Dispose();
        // Not disposed, which would wait for whoever is being told at this moment.
        _onCaller.Unregister();
        _own.Dispose();
    }

    private ITimer StartTimer(TimeProvider time, TimeSpan due)
    {
        // As a source's own does: it is nobody's in particular, and keeps nobody's context.
        using AsyncFlowControl? flow = ExecutionContext.IsFlowSuppressed() ? null : ExecutionContext.SuppressFlow();
        return time.CreateTimer(static lifetime => ((CallLifetime)lifetime!).Tell(), this, due, Timeout.InfiniteTimeSpan);
    }

    private void Tell()
    {
        try
        {
            Pass();
        }
        catch (AggregateException error)
        {
            Log(error);
        }
    }

    private void Pass()
    {
        try
        {
            _own.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The call had ended: there is nothing left to cancel.
        }
    }

    private void Log(AggregateException error)
    {
        try
        {
            _loggers?.CreateLogger<CallLifetime>().CancellationFailed(error);
        }
        catch (ObjectDisposedException)
        {
            // The program is ending, and its log has ended before.
        }
    }
}
