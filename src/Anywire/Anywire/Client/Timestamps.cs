namespace Anywire.Client;

/// <summary>Moments that no clock moves which is set while a call is under way.</summary>
internal static class Timestamps
{
    /// <summary>The timestamp of a moment to come; <see cref="long.MaxValue"/> when that is further than timestamps go.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="timestamp">That of now.</param>
    /// <param name="left">The time until then; none when it is negative.</param>
    public static long After(this TimeProvider time, long timestamp, TimeSpan left)
    {
        // They count up to the longest time there is.
        var ticks = Math.Max(0, left.TotalSeconds) * time.TimestampFrequency;
        return ticks < long.MaxValue / 2 ? timestamp + (long)ticks : long.MaxValue;
    }
}
