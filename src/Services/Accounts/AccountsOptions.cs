using Twite.Accounts.Passwords;
using Twite.Storage;

namespace Twite.Accounts;

/// <summary>How Accounts works, and its limits. Immutable.</summary>
public sealed record AccountsOptions
{
    /// <summary>Where <c>accounts.db</c> is.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>The server that has the tables instead, in a schema <c>accounts</c>, for replicas. Default: none.</summary>
    public PostgresServer? Server { get; init; }

    /// <summary>True for a tool that works beside a running instance (<c>twite admin</c>): the file is not held for oneself alone. Default: false.</summary>
    public bool Alongside { get; init; }

    /// <summary>How long a session lasts without being used. Default: 30 days.</summary>
    public TimeSpan SessionLifetime { get; init; } = TimeSpan.FromDays(30);

    /// <summary>The most sessions of one account; one more ends the one that was not used for longest. Default: 100.</summary>
    public int MaxSessionsPerAccount { get; init; } = 100;

    /// <summary>The most API tokens of one account; one more is refused. Default: 100.</summary>
    public int MaxTokensPerAccount { get; init; } = 100;

    /// <summary>How many verified sessions are remembered, about 1 KB each. Default: 100,000.</summary>
    public int SessionCacheSize { get; init; } = 100_000;

    /// <summary>After how long it is looked up whether another process (<c>twite admin</c>) ended a session that is remembered.
    /// At most twice this passes until it shows. Default: 1 s.</summary>
    public TimeSpan SessionRecheckInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>After how long a remembered session gets a new assertion. Default: 30 s, half of what one lasts.</summary>
    public TimeSpan AssertionReuse { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How old the key that signs assertions may be; an older one is replaced within a minute. Default: 90 days.</summary>
    public TimeSpan AssertionKeyLifetime { get; init; } = TimeSpan.FromDays(90);

    /// <summary>What hashing a password costs. Raising it re-hashes each password at its next log-in. Default: 19 MiB, 2 passes.</summary>
    public PasswordCost PasswordCost { get; init; } = new(MemoryKib: 19 * 1024, Passes: 2);

    /// <summary>The most passwords hashed at once. Default: half of the cores, at least one.</summary>
    public int MaxConcurrentHashes { get; init; } = Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>The most passwords that wait to be hashed; one more is RESOURCE_EXHAUSTED. Default: 64.</summary>
    public int MaxWaitingHashes { get; init; } = 64;

    /// <summary>Failed log-ins from one client address (an IPv6 network of 64 bits counts as one). Default: 25 per 5 minutes.</summary>
    public Allowance FailuresPerAddress { get; init; } = new(25, TimeSpan.FromMinutes(5));

    /// <summary>Failed log-ins to one account from devices that were never logged in to it. Default: 25 per hour.</summary>
    public Allowance FailuresPerAccount { get; init; } = new(25, TimeSpan.FromHours(1));

    /// <summary>Failed log-ins to one account from one device that was logged in to it before. Default: 25 per hour.</summary>
    public Allowance FailuresPerDevice { get; init; } = new(25, TimeSpan.FromHours(1));

    /// <summary>Sign-ups from one client address. Default: 5 per 30 minutes.</summary>
    public Allowance SignUpsPerAddress { get; init; } = new(5, TimeSpan.FromMinutes(30));

    /// <summary>How many addresses, accounts and devices each throttle remembers, at most about 500 bytes each; when full the one that
    /// was heard of least recently is forgotten. Default: 50,000.</summary>
    public int ThrottleSize { get; init; } = 50_000;
}

/// <summary>How often something may happen within a sliding window. Immutable.</summary>
/// <param name="Count">How often.</param>
/// <param name="Window">Within how long.</param>
public readonly record struct Allowance(int Count, TimeSpan Window);
