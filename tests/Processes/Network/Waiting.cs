namespace Twite.Processes;

/// <summary>Waits for a condition, not for a time.</summary>
internal static class Waiting
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(4);

    /// <summary>Until it holds.</summary>
    /// <returns>How long that took.</returns>
    public static async Task<TimeSpan> UntilAsync(Func<Task<bool>> condition, Func<string> what)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Timeout, $"After {Timeout.TotalMinutes} minutes it was still not so: {what()}");
            await Task.Delay(Poll, TimeProvider.System);
        }
        return TimeProvider.System.GetElapsedTime(started);
    }

    /// <inheritdoc cref="UntilAsync(Func{Task{bool}}, Func{string})"/>
    public static Task<TimeSpan> UntilAsync(Func<bool> condition, Func<string> what) => UntilAsync(() => Task.FromResult(condition()), what);
}
