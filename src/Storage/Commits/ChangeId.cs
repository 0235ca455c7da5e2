namespace Twite.Storage;

/// <summary>A 64-bit, time-ordered id that was taken inside a commit, so that none becomes visible after a larger one.</summary>
/// <param name="Id">The id: milliseconds since 1970 in the upper bits, or one more than the one before when the clock stands or steps back.</param>
/// <param name="Previous">The id that was taken before it; 0 for the first of a database.</param>
public readonly record struct ChangeId(long Id, long Previous)
{
    private const int BitsBelowMilliseconds = 20;

    /// <summary>When an id was taken, to the millisecond: its own, monotonic clock.</summary>
    public static DateTimeOffset TimeOf(long id) => DateTimeOffset.FromUnixTimeMilliseconds(id >> BitsBelowMilliseconds);

    /// <summary>The smallest id that can be taken at a time.</summary>
    public static long FloorAt(DateTimeOffset time) => time.ToUnixTimeMilliseconds() << BitsBelowMilliseconds;

    internal static long Next(long last, DateTimeOffset now) => Math.Max(last + 1, FloorAt(now));
}
