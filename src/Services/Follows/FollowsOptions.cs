using Twite.Storage;

namespace Twite.Follows;

/// <summary>How Follows works, and its limits. Immutable.</summary>
public sealed record FollowsOptions
{
    /// <summary>Where <c>follows.db</c> is.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>The server that has the tables instead, in a schema <c>follows</c>, for replicas. Default: none.</summary>
    public PostgresServer? Server { get; init; }

    /// <summary>True for a tool that works beside a running instance: the file is not held for oneself alone. Default: false.</summary>
    public bool Alongside { get; init; }

    /// <summary>The most accounts that one account follows. Default: 7,500.</summary>
    public int MaxFollowing { get; init; } = 7_500;
}
