namespace Twite.Storage;

/// <summary>How a relay goes about its work. Immutable.</summary>
public sealed record OutboxRelayOptions
{
    /// <summary>The most events that are being handed over to one receiver at once. Default: 8.</summary>
    public int Concurrency { get; init; } = 8;

    /// <summary>The most events for one receiver that wait in memory; more wait in the database. Default: 1,000.</summary>
    public int MaxReady { get; init; } = 1_000;

    /// <summary>How long a claimed event is this relay's alone: longer than a hand-over's deadline. Default: 60 s.</summary>
    public TimeSpan ClaimTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a hand-over may take; a claim with less than this left is not used. Default: 15 s.</summary>
    public TimeSpan HandOverTime { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>When an event that was only accepted is sent again for the first time; the time doubles with each further one. Default: 30 s.</summary>
    public TimeSpan ResendAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest time between sending an event that was only accepted: a receiver that is away for long finds it a few times over. Default: 10 min.</summary>
    public TimeSpan LongestResend { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The pause after a first failure; it doubles with each further one, and half of it is random. Default: 100 ms.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest pause. Default: 5 s.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often an event is tried that is refused for good, before it is parked. Default: 5.</summary>
    public int TriesBeforeParking { get; init; } = 5;

    /// <summary>How often the outbox is looked into for what other processes have left there. Default: 5 s.</summary>
    public TimeSpan ScanInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long what became of events is gathered before it is written, because nobody waits for that. Default: 50 ms.</summary>
    public TimeSpan SettleDelay { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How far ahead anything may be due that is not parked.</summary>
    internal TimeSpan Furthest => TimeSpan.FromTicks(Math.Max(ClaimTime.Ticks, Math.Max(LongestResend.Ticks, LongestPause.Ticks)));

    /// <summary>When an event that was accepted is sent again.</summary>
    /// <param name="before">How often it was sent before this time.</param>
    internal TimeSpan ResendAfterAccepted(int before) =>
        TimeSpan.FromTicks((long)Math.Min(LongestResend.Ticks, ResendAfter.Ticks * Math.Pow(2, Math.Min(before, 30))));

    /// <summary>The pause before the next try.</summary>
    /// <param name="failures">How often it has failed, at least once.</param>
    internal TimeSpan PauseAfter(int failures)
    {
        var longest = Math.Min(LongestPause.Ticks, FirstPause.Ticks * Math.Pow(2, Math.Min(failures - 1, 30)));
        return TimeSpan.FromTicks((long)(longest * (0.5 + (Random.Shared.NextDouble() / 2))));
    }
}
