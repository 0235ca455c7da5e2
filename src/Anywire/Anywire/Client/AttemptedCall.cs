using Grpc.Core;

namespace Anywire.Client;

/// <summary>A call whose wire makes its attempts: what the waist is asked and told of it. One thread at a time, which the call sees to.</summary>
internal struct AttemptedCall
{
    private readonly IAttempts? _policy;
    private readonly long _startedAt;
    private readonly ExecutionContext? _context;
    private int _failed;
    private bool _mayHaveRun;

    /// <param name="policy">Whether and when it is tried again; null: never, and nobody is told.</param>
    public AttemptedCall(IAttempts? policy)
    {
        _policy = policy;
        _startedAt = policy?.Now() ?? 0;
        _context = _startedAt == 0 ? null : ExecutionContext.Capture();
    }

    /// <summary>Whether there may be more attempts than one.</summary>
    public readonly bool MayRepeat => _policy is not null;

    /// <summary>An attempt has failed.</summary>
    /// <param name="method">The method.</param>
    /// <param name="contract">Its contract.</param>
    /// <param name="failure">What it failed with; when that was the last, what its caller may be told.</param>
    /// <param name="deadline">When it is over.</param>
    /// <returns>The wait before the next; null when that was the last.</returns>
    public TimeSpan? Next(IMethod method, MethodContract contract, ref RpcException failure, DateTime deadline)
    {
        var wait = _policy?.Next(method, contract, failure, ++_failed, deadline);
        if (wait is null && _mayHaveRun)
        {
            failure = NotExecuted.Unmarked(failure);
        }
        _mayHaveRun |= !NotExecuted.IsMarked(failure);
        return wait;
    }

    /// <summary>It has ended.</summary>
    /// <param name="method">The method.</param>
    /// <param name="failure">What its caller is about to be told; null when it went well.</param>
    public readonly void End(IMethod method, RpcException? failure)
    {
        if (_policy is not null && failure is not null)
        {
            RemoteFailure.Mark(failure, method);
        }
        if (_startedAt == 0)
        {
            return;
        }
        var status = failure?.StatusCode ?? StatusCode.OK;
        if (_context is null)
        {
            _policy!.Ended(method, status, _startedAt);
            return;
        }
        // Whoever listens to metrics may ask whose call it was.
        ExecutionContext.Run(
            _context,
            static ended =>
            {
                var (policy, method, status, startedAt) = ((IAttempts, IMethod, StatusCode, long))ended!;
                policy.Ended(method, status, startedAt);
            },
            (_policy!, method, status, _startedAt));
    }
}
