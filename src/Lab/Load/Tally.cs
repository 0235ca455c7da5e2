using System.Collections.Concurrent;

namespace Twite.Lab.Load;

/// <summary>Counts calls and their latencies while they run. Any thread may use it.</summary>
internal sealed class Tally(TimeProvider time)
{
    /// <summary>So many failures are noted by their numbers.</summary>
    public const int MostNoted = 100_000;

    private readonly double _nanosecondsPerTick = 1e9 / time.TimestampFrequency;
    private readonly Latencies _latencies = new();
    private readonly ConcurrentQueue<long> _failed = new();
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
                Fail(number, "The answer was a wrong one.");
            }
        }
        catch (Exception error)
        {
            // Whatever a wire throws is a failed call; the report shows how many and why.
            Fail(number, error.Message);
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
            Count($"{unended} calls had not ended long after their deadlines.");
        }
        return new LoopResult(_latencies.Count + unended, Interlocked.Read(ref _failures) + Math.Max(0, unended - 1), [.. _failed], _firstFailure, elapsed, late, _latencies);
    }

    private void Fail(long number, string reason)
    {
        if (Count(reason) <= MostNoted)
        {
            _failed.Enqueue(number);
        }
    }

    private long Count(string reason)
    {
        Interlocked.CompareExchange(ref _firstFailure, reason, null);
        return Interlocked.Increment(ref _failures);
    }
}
