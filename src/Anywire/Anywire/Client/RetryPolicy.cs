using Grpc.Core;

namespace Anywire.Client;

/// <summary>Decides whether and when a failed call is tried again.</summary>
internal sealed class RetryPolicy(RetryOptions options, TimeProvider time, Random random)
{
    private readonly RetryBudget _budget = new(options);

    public void OnCall() => _budget.Earn();

    /// <summary>The wait before the next attempt; null when there is to be none.</summary>
    /// <param name="error">Why the attempt failed.</param>
    /// <param name="contract">What may be done twice.</param>
    /// <param name="attempt">The number of the attempt that failed, from 1.</param>
    /// <param name="deadline">Of the whole call.</param>
    public TimeSpan? NextWait(RpcException error, MethodContract contract, int attempt, DateTime deadline)
    {
        var mayRepeat = NotExecuted.IsMarked(error) || (contract.IsIdempotent && error.StatusCode == StatusCode.Unavailable);
        if (!mayRepeat || attempt >= options.MaxAttempts)
        {
            return null;
        }
        var bound = Math.Min(options.BaseDelay.Ticks * Math.Pow(2, attempt - 1), options.MaxDelay.Ticks);
        var wait = TimeSpan.FromTicks(random.NextInt64((long)bound + 1));
        return time.GetUtcNow().UtcDateTime + wait < deadline && _budget.TrySpend() ? wait : null;
    }
}
