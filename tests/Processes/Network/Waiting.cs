namespace Twite.Processes;

/// <summary>Waits for a condition, not for a time.</summary>
internal static class Waiting
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(4);

    /// <summary>Until it holds.</summary>
    /// <param name="condition">What is to hold.</param>
    /// <param name="what">What it is, for people who read that it was in vain.</param>
    /// <param name="timeout">When it was; null: after four minutes.</param>
    /// <returns>How long that took.</returns>
    public static async Task<TimeSpan> UntilAsync(Func<Task<bool>> condition, Func<string> what, TimeSpan? timeout = null)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < (timeout ?? Timeout), $"After {timeout ?? Timeout} it was still not so: {what()}");
            await Task.Delay(Poll, TimeProvider.System);
        }
        return TimeProvider.System.GetElapsedTime(started);
    }

    /// <inheritdoc cref="UntilAsync(Func{Task{bool}}, Func{string}, TimeSpan?)"/>
    public static Task<TimeSpan> UntilAsync(Func<bool> condition, Func<string> what) => UntilAsync(() => Task.FromResult(condition()), what);
}
