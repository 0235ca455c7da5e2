using System.Numerics;

namespace Twite.Bench.Sockets;

/// <summary>How long calls took, to a part in 128, for a nanosecond or two each: a histogram that is right about everything costs a tenth of what a bare socket
/// does. Recording is for any thread; reading is for when that has ended.</summary>
internal sealed class Durations
{
    private const int Digits = 7;
    private const int Steps = 1 << Digits;

    // Up to 2^40 ns, which is 18 minutes; what is longer counts as that.
    private const int Most = 40;

    private readonly int[] _counts = new int[(Most - Digits + 1) * Steps];

    /// <summary>How many were recorded.</summary>
    public long Count => _counts.Sum(static c => (long)c);

    public void Record(long nanoseconds) => Interlocked.Increment(ref _counts[IndexOf(Math.Clamp(nanoseconds, 0, (1L << Most) - 1))]);

    /// <summary>What so many percent took at most, in microseconds.</summary>
    public double Percentile(double percent)
    {
        var left = Math.Max(1, (long)Math.Ceiling(Count * percent / 100));
        for (var index = 0; index < _counts.Length; index++)
        {
            left -= _counts[index];
            if (left <= 0)
            {
                return MiddleOf(index) / 1_000;
            }
        }
        return 0;
    }

    // Below Steps each nanosecond has its own place; above, each power of two has as many places as the one before it.
    private static int IndexOf(long nanoseconds)
    {
        var shift = Math.Max(0, BitOperations.Log2((ulong)nanoseconds | 1) - (Digits - 1) - 1);
        return (shift << Digits) + (int)(nanoseconds >> shift);
    }

    private static double MiddleOf(int index)
    {
        var shift = Math.Max(0, (index >> Digits) - 1);
        var low = (long)(index - (shift << Digits)) << shift;
        return low + ((1L << shift) - 1) / 2.0;
    }
}
