namespace Twite.Bench.Sockets;

/// <summary>What a side is told to do, a line of JSON each.</summary>
/// <param name="Kind"><c>closed</c> and <c>open</c> (loops), <c>loop</c> (a closed loop that calls nobody), <c>beside</c> (from now on something shares the connection, or nothing does any more),
/// <c>messages</c> (makes and drops what a call's messages are, to know what they allocate) or <c>usage</c>.</param>
/// <param name="Callers">How many call at once, in a closed loop.</param>
/// <param name="Rate">Calls per second, in an open loop.</param>
/// <param name="Seconds">For how long.</param>
/// <param name="Beside">What shares the connection: empty, <see cref="Neighbour.Stalled"/> or <see cref="Neighbour.Bulk"/>.</param>
internal sealed record Order(string Kind, int Callers = 0, double Rate = 0, double Seconds = 0, string Beside = "");

/// <summary>What came of it, times in microseconds.</summary>
internal sealed record Outcome
{
    /// <summary>How many calls ended.</summary>
    public long Calls { get; init; }

    /// <summary>How many of them failed.</summary>
    public long Failures { get; init; }

    /// <summary>What the first of these said, or why the order could not be followed.</summary>
    public string? Problem { get; init; }

    /// <summary>How long it took.</summary>
    public double Elapsed { get; init; }

    /// <summary>Half of the calls took at most that.</summary>
    public double P50 { get; init; }

    /// <summary>All but a hundredth.</summary>
    public double P99 { get; init; }

    /// <summary>In an open loop: all but a hundredth, counted from when they left instead of from when they were meant to.</summary>
    public double SentP99 { get; init; }

    /// <summary>Sends of an open loop that left more than a millisecond late.</summary>
    public long Late { get; init; }

    /// <summary>CPU: of a loop what it used on this side, else what this process has used so far.</summary>
    public double Cpu { get; init; }

    /// <summary>Bytes allocated, likewise; of the order <c>messages</c> for each call.</summary>
    public double Bytes { get; init; }

    /// <summary>Messages written to streams so far, or large answers fetched so far.</summary>
    public long Moved { get; init; }
}
