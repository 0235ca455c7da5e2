using Grpc.Core;

namespace Anywire.Server;

/// <summary>Counts the calls being handled: refuses more than the limit, refuses all while draining, and tells when the last has left.</summary>
internal sealed class CallGate(int maxConcurrentCalls)
{
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _calls;
    private volatile bool _draining;

    public int Calls => Volatile.Read(ref _calls);

    public bool IsDraining => _draining;

    /// <summary>Lets a call in, or says why not.</summary>
    public RpcException? TryEnter()
    {
        var calls = Interlocked.Increment(ref _calls);
        if (_draining)
        {
            Leave();
            return NotExecuted.Because("draining", "The service is shutting down and takes no new calls. Try again, elsewhere or in a moment.");
        }
        if (calls > maxConcurrentCalls)
        {
            Leave();
            return new RpcException(new Status(
                StatusCode.ResourceExhausted, $"The service handles {maxConcurrentCalls:N0} calls at once and takes no more. Try again in a moment."));
        }
        return null;
    }

    public void Leave()
    {
        if (Interlocked.Decrement(ref _calls) == 0 && _draining)
        {
            _empty.TrySetResult();
        }
    }

    /// <summary>Refuses new calls from now on; completes when the accepted ones have left.</summary>
    public Task DrainAsync()
    {
        _draining = true;
        // A full fence: either Leave sees the flag, or we see its count.
        Interlocked.MemoryBarrier();
        if (Calls == 0)
        {
            _empty.TrySetResult();
        }
        return _empty.Task;
    }
}
