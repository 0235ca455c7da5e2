namespace Twite.Bench.Sockets;

/// <summary>One round of one subject; times in microseconds.</summary>
/// <param name="CallerCpu">CPU per call, user's and kernel's, of the calling process.</param>
/// <param name="HandlerCpu">Of the handling one.</param>
/// <param name="Rate">Calls per second.</param>
/// <param name="P50">Half of the calls took at most that.</param>
/// <param name="P99">All but a hundredth.</param>
/// <param name="SentP99">Of an open loop the same, counted from when calls left instead of from when they were meant to: what a late sender adds is not in it.</param>
/// <param name="CallerBytes">What the caller's side allocated per call, messages and all.</param>
/// <param name="HandlerBytes">What the handler's side did.</param>
/// <param name="Late">The part of an open loop's sends that left more than a millisecond late.</param>
/// <param name="Failures">Calls that failed or were answered wrongly.</param>
/// <param name="Problem">What the first of these said.</param>
internal sealed record Sample(
    double CallerCpu, double HandlerCpu, double Rate, double P50, double P99, double SentP99, double CallerBytes, double HandlerBytes, double Late, long Failures, string? Problem)
{
    // As the lab has it: beyond that a p99 is the sender's.
    private const double MostLate = 0.01;

    /// <summary>Whether an open loop's calls were sent on time, so that its latencies mean something.</summary>
    public bool IsOnTime => Late <= MostLate;

    // What is compiled anew costs half or less of what it did; what a machine does meanwhile is mostly less than that.
    private const double LeastSettled = 0.75;

    /// <summary>Whether a subject had been warmed up: it did not become much cheaper while it was measured.</summary>
    public static bool IsSettled(IReadOnlyList<Sample> rounds)
    {
        var half = rounds.Count / 2;
        return half == 0 || Paired.Median(rounds.TakeLast(half).Select(static s => s.Cpu)) >= LeastSettled * Paired.Median(rounds.Take(half).Select(static s => s.Cpu));
    }

    /// <summary>Of both processes.</summary>
    public double Cpu => CallerCpu + HandlerCpu;
}
