namespace Twite.Lab.Load;

/// <summary>Counts calls and their latencies while they run. Any thread may use it.</summary>
internal sealed class Tally(TimeProvider time)
{
    private readonly double _nanosecondsPerTick = 1e9 / time.TimestampFrequency;
    private readonly Latencies _latencies = new();
    private long _failures;
    private string? _firstFailure;

    /// <summary>Makes one call and records it.</summary>
    /// <param name="call">The call.</param>
    /// <param name="number">Which one it is.</param>
    /// <param name="from">The timestamp that its latency counts from.</param>
    /// <returns>The timestamp of its end.</returns>
    public async ValueTask<long> MakeAsync(Operation call, long number, long from)
    {
        try
        {
            if (!await call(number, from))
            {
                Fail("The answer was a wrong one.");
            }
        }
        catch (Exception error)
        {
            // Whatever a wire throws is a failed call; the report shows how many and why.
            Fail(error.Message);
        }
        var now = time.GetTimestamp();
        _latencies.Record((long)((now - from) * _nanosecondsPerTick));
        return now;
    }

    /// <summary>The result, once nothing runs any more.</summary>
    /// <param name="elapsed">How long it all took.</param>
    /// <param name="late">Sends that left late.</param>
    /// <param name="unended">Calls that were given up: they failed, and have no latency.</param>
    public LoopResult Result(TimeSpan elapsed, long late, long unended = 0)
    {
        if (unended > 0)
        {
            Fail($"{unended} calls had not ended long after their deadlines.");
        }
        return new LoopResult(_latencies.Count + unended, Interlocked.Read(ref _failures) + Math.Max(0, unended - 1), _firstFailure, elapsed, late, _latencies);
    }

    private void Fail(string reason)
    {
        Interlocked.Increment(ref _failures);
        Interlocked.CompareExchange(ref _firstFailure, reason, null);
    }
}
