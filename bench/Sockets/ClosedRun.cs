using System.Diagnostics;

namespace Twite.Bench.Sockets;

/// <summary>A closed loop while it runs: some callers, each making its next call when its last one was answered. Any thread may use it.</summary>
/// <param name="callers">How many.</param>
/// <param name="duration">When no further call begins.</param>
internal sealed class ClosedRun(int callers, TimeSpan duration)
{
    private readonly Durations _durations = new();
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly long _end = Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency);
    private long _failures;
    private string? _firstFailure;

    public int Callers => callers;

    public long Now => Stopwatch.GetTimestamp();

    /// <summary>Runs it.</summary>
    public static async Task<Outcome> RunAsync(IVerifier verifier, int callers, TimeSpan duration)
    {
        var run = new ClosedRun(callers, duration);
        var before = (Usage.Cpu, Usage.Bytes);
        await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(() => verifier.CallAsync(run, caller))));
        var elapsed = Stopwatch.GetElapsedTime(run._started);
        var (cpu, bytes) = (Usage.Cpu - before.Cpu, Usage.Bytes - before.Bytes);
        return new Outcome
        {
            Calls = run._durations.Count,
            Failures = run._failures,
            Problem = run._firstFailure,
            Elapsed = elapsed.TotalMicroseconds,
            P50 = run._durations.Percentile(50),
            P99 = run._durations.Percentile(99),
            Cpu = cpu,
            Bytes = bytes,
        };
    }

    /// <summary>Whether a call may begin.</summary>
    public bool GoesOn(long now) => now < _end;

    /// <summary>A call has ended.</summary>
    /// <param name="from">When it began.</param>
    /// <param name="isRight">Whether it was answered rightly.</param>
    /// <returns>The time.</returns>
    public long End(long from, bool isRight)
    {
        if (!isRight)
        {
            Fail("The answer was a wrong one.");
        }
        var now = Now;
        _durations.Record((long)Stopwatch.GetElapsedTime(from, now).TotalNanoseconds);
        return now;
    }

    /// <summary>A call has failed, or its answer was wrong.</summary>
    public void Fail(string reason)
    {
        Interlocked.Increment(ref _failures);
        Interlocked.CompareExchange(ref _firstFailure, reason, null);
    }
}
