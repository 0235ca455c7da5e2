namespace Twite.Supervision;

/// <summary>How long to wait before a process that crashed is started again: twice as long each time, with jitter, until it has done well for a
/// while. One thread at a time.</summary>
internal sealed class RestartBackoff(Random random)
{
    /// <summary>The longest wait.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <summary>How long a process must have been ready for its crash to count as its first.</summary>
    public static readonly TimeSpan Well = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(200);

    private int _crashes;

    /// <summary>The wait after one more crash: between half of the bound and the bound, which doubles from 200 ms to <see cref="Longest"/>.</summary>
    /// <param name="ready">How long it had been ready.</param>
    public TimeSpan Next(TimeSpan ready)
    {
        if (ready >= Well)
        {
            _crashes = 0;
        }
        var bound = Math.Min(First.Ticks << Math.Min(_crashes, 16), Longest.Ticks);
        _crashes++;
        return TimeSpan.FromTicks(bound / 2 + random.NextInt64(bound / 2 + 1));
    }
}
