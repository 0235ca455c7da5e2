using System.Diagnostics;

namespace Anywire.Tcp.Connections;

/// <summary>How much of the processors this process has had of late. One thread.</summary>
/// <param name="read">What it has used of them since it began, and when that was read.</param>
internal sealed class ProcessorUse(Func<(TimeSpan Used, TimeSpan At)> read)
{
    // The system counts in steps of some milliseconds: from one glance of the watchdog to the next little can be told.
    private const int Most = 5;

    private const double Clearly = 0.8;

    private readonly Queue<(TimeSpan Used, TimeSpan At)> _seen = new(Most + 1);

    public ProcessorUse()
        : this(static () => (Environment.CpuUsage.TotalTime, Stopwatch.GetElapsedTime(0)))
    {
    }

    /// <summary>Looks again.</summary>
    /// <returns>Whether all processors were clearly in use over the last few looks: what waits then waits for a processor, and another thread would be in the way.</returns>
    public bool IsFull()
    {
        var now = read();
        _seen.Enqueue(now);
        if (_seen.Count > Most)
        {
            _seen.Dequeue();
        }
        var (used, at) = _seen.Peek();
        return now.At > at && now.Used - used > Clearly * Environment.ProcessorCount * (now.At - at);
    }

    /// <summary>What was seen so far says nothing about what comes.</summary>
    public void Forget() => _seen.Clear();
}
