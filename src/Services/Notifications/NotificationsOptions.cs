using Twite.Storage;

namespace Twite.Notifications;

/// <summary>How Notifications works, and its limits. Immutable.</summary>
public sealed record NotificationsOptions
{
    /// <summary>Where <c>notifications.db</c> is.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>The server that has the tables instead, in a schema <c>notifications</c>, for replicas. Default: none.</summary>
    public PostgresServer? Server { get; init; }

    /// <summary>True for a tool that works beside a running instance: the file is not held for oneself alone. Default: false.</summary>
    public bool Alongside { get; init; }

    /// <summary>The most people one message notifies; the first ones mentioned. Default: 20.</summary>
    public int MaxMentions { get; init; } = 20;

    /// <summary>The most entries of one list; the oldest make room, some dozens at a time. Default: 2,000.</summary>
    public int MaxKept { get; init; } = 2_000;

    /// <summary>The most mentions by one person on one list, so that a flood of them leaves the others' there. Default: 500.</summary>
    public int MaxKeptOfOne { get; init; } = 500;

    /// <summary>How long an entry is kept. Default: 365 days.</summary>
    public TimeSpan Kept { get; init; } = TimeSpan.FromDays(365);

    /// <summary>How long a front end is sent updates after it last renewed its lease. Default: 15 s.</summary>
    public TimeSpan LeaseTime { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How often each front end is told the number of its last update. Default: 1 s.</summary>
    public TimeSpan TickInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The most front ends at once. Default: 1,000.</summary>
    public int MaxLeases { get; init; } = 1_000;

    /// <summary>How long it is remembered whose name a name is, or that it is nobody's. Default: 1 min.</summary>
    public TimeSpan NamesKept { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long confirmations are gathered before they are sent. Default: 50 ms.</summary>
    public TimeSpan ConfirmDelay { get; init; } = TimeSpan.FromMilliseconds(50);
}
