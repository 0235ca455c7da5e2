using System.Diagnostics;

namespace Anywire.Tcp.Connections;

/// <summary>How long somebody's code takes that could run on the reading thread. While it is short it does, for waking another thread costs more than that;
/// when it is not, the reading thread has others to serve. Any thread may use it; measurements may get lost.</summary>
internal sealed class Pace
{
    // What handing over to the pool costs, several times.
    private const long ShortNanoseconds = 30_000;

    private const int SampleMask = 7;

    // What took longer did not compute all the time, as a rule: its thread had to wait for a processor. Once is no reason to change anything.
    private const long MostNanoseconds = 4 * ShortNanoseconds;

    // Of the average, an eighth is each new measurement.
    private const int Weight = 8;

    private long _average;
    private int _count;

    /// <summary>Whether it may run on the reading thread.</summary>
    public bool IsShort => Volatile.Read(ref _average) < ShortNanoseconds;

    /// <summary>A timestamp to give to <see cref="End"/>; 0 when this time is not measured.</summary>
    public long Begin() => (_count++ & SampleMask) == 0 || !IsShort ? Stopwatch.GetTimestamp() : 0;

    /// <summary>It has ended.</summary>
    public void End(long begin)
    {
        if (begin != 0)
        {
            var took = Math.Min((long)Stopwatch.GetElapsedTime(begin).TotalNanoseconds, MostNanoseconds);
            var average = Volatile.Read(ref _average);
            Volatile.Write(ref _average, average + (took - average) / Weight);
        }
    }

    /// <summary>It held the reading thread so long that another had to take over.</summary>
    public void Blocked() => Volatile.Write(ref _average, 100 * ShortNanoseconds);
}
