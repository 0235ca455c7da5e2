namespace Twite.Lab.Load;

/// <summary>Callers that each make their next call when the last one has been answered: finds the throughput. Its latencies say nothing about
/// users, who do not wait for each other.</summary>
internal static class ClosedLoop
{
    /// <summary>Runs for a while.</summary>
    /// <param name="call">The call.</param>
    /// <param name="callers">How many call at once.</param>
    /// <param name="duration">When no further call begins.</param>
    /// <param name="time">The clock.</param>
    public static async Task<LoopResult> RunAsync(Operation call, int callers, TimeSpan duration, TimeProvider time)
    {
        var tally = new Tally(time);
        var started = time.GetTimestamp();
        var end = started + (long)(duration.TotalSeconds * time.TimestampFrequency);
        await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            // Each end is read from the clock here: where calls complete at once, no timer would get a thread to fire on.
            var now = time.GetTimestamp();
            for (long number = caller; now < end; number += callers)
            {
                now = await tally.MakeAsync(call, number, now);
            }
        })));
        return tally.Result(time.GetElapsedTime(started), late: 0);
    }
}
