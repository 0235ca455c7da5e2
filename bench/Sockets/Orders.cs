namespace Twite.Bench.Sockets;

/// <summary>What a caller's process is told to do, a line of JSON each.</summary>
/// <param name="Kind"><c>closed</c>, <c>open</c>, <c>messages</c> (make and drop what a call's messages are, to know what they allocate) or <c>usage</c>.</param>
/// <param name="Callers">How many call at once, in a closed loop.</param>
/// <param name="Rate">Calls per second, in an open loop.</param>
/// <param name="Seconds">For how long.</param>
/// <param name="Beside">What shares the connection: empty, <c>stalled</c> or <c>bulk</c>.</param>
internal sealed record Order(string Kind, int Callers = 0, double Rate = 0, double Seconds = 0, string Beside = "");

/// <summary>What came of it, times in microseconds.</summary>
/// <param name="Calls">How many calls ended.</param>
/// <param name="Failures">How many of them failed.</param>
/// <param name="Elapsed">How long it took.</param>
/// <param name="P50">Half of the calls took at most that.</param>
/// <param name="P99">All but a hundredth.</param>
/// <param name="Late">Sends of an open loop that left late.</param>
/// <param name="Cpu">What the process has used so far.</param>
/// <param name="Allocated">What it has allocated so far, in bytes.</param>
internal sealed record Outcome(long Calls, long Failures, double Elapsed, double P50, double P99, long Late, double Cpu, long Allocated);
