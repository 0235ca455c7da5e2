using System.Diagnostics;

namespace Twite.Storage;

/// <summary>One write that waits for its commit, or was cancelled while it waited.</summary>
internal abstract class PendingWrite
{
    private const int Waiting = 0;
    private const int Started = 1;
    private const int Cancelled = 2;

    private int _state;

    /// <summary>The trace that the caller is in: what it enqueues belongs to it.</summary>
    public ActivityContext Trace { get; } = Activity.Current?.Context ?? default;

    public bool TryStart() => Interlocked.CompareExchange(ref _state, Started, Waiting) == Waiting;

    public abstract void Run(WriteSession session);

    /// <summary>The caller goes on with the result of <see cref="Run"/>.</summary>
    public abstract void Complete();

    /// <summary>The caller goes on with an exception.</summary>
    public abstract void Fail(Exception error);

    protected bool TryCancel() => Interlocked.CompareExchange(ref _state, Cancelled, Waiting) == Waiting;
}

internal sealed class PendingWrite<T>(Func<WriteSession, T> work) : PendingWrite
{
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenRegistration _cancellation;
    private T _result = default!;

    public Task<T> Task => _completion.Task;

    /// <summary>Drops the write when the token is cancelled before it has started.</summary>
    public void CancelWith(CancellationToken cancellationToken)
    {
        if (cancellationToken.CanBeCanceled)
        {
            _cancellation = cancellationToken.UnsafeRegister(static (write, token) => ((PendingWrite<T>)write!).Cancel(token), this);
        }
    }

    public override void Run(WriteSession session) => _result = work(session);

    public override void Complete()
    {
        _cancellation.Unregister();
        _completion.TrySetResult(_result);
    }

    public override void Fail(Exception error)
    {
        _cancellation.Unregister();
        _completion.TrySetException(error);
    }

    private void Cancel(CancellationToken token)
    {
        if (TryCancel())
        {
            _completion.TrySetCanceled(token);
        }
    }
}
