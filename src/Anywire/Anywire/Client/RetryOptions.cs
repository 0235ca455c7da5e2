namespace Anywire;

/// <summary>How calls are tried again: exponential back-off with full jitter, inside the deadline, under a budget. Immutable.</summary>
public sealed record RetryOptions
{
    /// <summary>Attempts at most, the first included. Default: 4.</summary>
    public int MaxAttempts { get; init; } = 4;

    /// <summary>The bound of the first wait; each next bound is twice as long. The wait is drawn evenly from zero to the bound. Default: 50 ms.</summary>
    public TimeSpan BaseDelay { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>No bound grows above this. Default: 1 s.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Retries earned per call, so that a struggling peer sees at most this much more load. Default: 0.1.</summary>
    public double BudgetPerCall { get; init; } = 0.1;

    /// <summary>Retries that are there from the start, and the most that can be saved up. Default: 20.</summary>
    public int BudgetReserve { get; init; } = 20;
}
