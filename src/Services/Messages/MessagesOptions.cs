using Twite.Storage;

namespace Twite.Messages;

/// <summary>Settings of the Messages service. Immutable.</summary>
public sealed record MessagesOptions
{
    /// <summary>Where <c>messages.db</c> is; made when it does not exist.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>The server that has the tables instead, in a schema <c>messages</c>, for replicas. Default: none.</summary>
    public PostgresServer? Server { get; init; }

    /// <summary>How many of the newest messages are known by author in memory, at about 20 bytes each; older ones are found in the
    /// database. Default: 500,000.</summary>
    public int RecentMessages { get; init; } = 500_000;

    /// <summary>How long an idempotency key is remembered: longer than a call may be held, or what was posted and then submitted could be posted
    /// again. Default: 8 days.</summary>
    public TimeSpan KeysKept { get; init; } = TimeSpan.FromDays(8);

    /// <summary>How long a deletion can be learned of by <c>ListChanges</c>. Default: 7 days.</summary>
    public TimeSpan DeletionsKept { get; init; } = TimeSpan.FromDays(7);

    /// <summary>For a tool that works beside a running instance: the file is not held for oneself alone. Default: false.</summary>
    public bool Alongside { get; init; }
}
