using System.Runtime.CompilerServices;
using Grpc.Core;

namespace Anywire;

/// <summary>How long a call may run: until its deadline passes or somebody cancels it. Any thread; dispose when the call has ended.</summary>
internal class CallLifetime : IDisposable
{
    // The longest due time a timer takes, less a day.
    private static readonly TimeSpan MaxTimer = TimeSpan.FromDays(48);

    private readonly CancellationToken _callerToken;
    private readonly CancellationTokenSource _own;
    private readonly CancellationTokenSource? _linked;
    private volatile StrongBox<Status>? _reason;

    public CallLifetime(DateTime deadline, TimeProvider time, CancellationToken callerToken)
    {
        _callerToken = callerToken;
        var remaining = deadline == DateTime.MaxValue ? MaxTimer : deadline - time.GetUtcNow().UtcDateTime;
        // Timers count whole milliseconds and round down; a deadline must not pass early.
        _own = remaining > TimeSpan.Zero
            ? new CancellationTokenSource(remaining < MaxTimer ? remaining + TimeSpan.FromMilliseconds(1) : Timeout.InfiniteTimeSpan, time)
            : new CancellationTokenSource(TimeSpan.Zero);
        if (remaining <= TimeSpan.Zero)
        {
            _own.Cancel();
        }
        _linked = callerToken.CanBeCanceled ? CancellationTokenSource.CreateLinkedTokenSource(_own.Token, callerToken) : null;
        Token = (_linked ?? _own).Token;
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
        try
        {
            _own.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The call had ended: there is nothing left to cancel.
        }
    }

    public void Dispose()
    {
        _linked?.Dispose();
        _own.Dispose();
    }
}
