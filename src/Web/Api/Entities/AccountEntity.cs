using System.Text.Json.Serialization;

namespace Twite.Web.Api.Entities;

/// <summary>A person, as the Mastodon client API describes one (docs.joinmastodon.org/entities/Account). Fields of things this network does not
/// have carry the value that means "none".</summary>
internal sealed record AccountEntity
{
    public required string Id { get; init; }

    public required string Username { get; init; }

    public required string Acct { get; init; }

    public required string DisplayName { get; init; }

    public bool Locked { get; init; }

    public bool Bot { get; init; }

    public bool Discoverable { get; init; } = true;

    public bool Group { get; init; }

    public required string CreatedAt { get; init; }

    /// <summary>The biography as safe HTML.</summary>
    public required string Note { get; init; }

    public required string Url { get; init; }

    public required string Uri { get; init; }

    public required string Avatar { get; init; }

    public required string AvatarStatic { get; init; }

    public required string Header { get; init; }

    public required string HeaderStatic { get; init; }

    public required long FollowersCount { get; init; }

    public required long FollowingCount { get; init; }

    public required long StatusesCount { get; init; }

    public string? LastStatusAt { get; init; }

    public bool Suspended { get; init; }

    public IReadOnlyList<EmptyEntity> Emojis { get; init; } = [];

    public IReadOnlyList<EmptyEntity> Fields { get; init; } = [];

    /// <summary>What only the person gets to see. Absent for everybody else.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SourceEntity? Source { get; init; }
}

/// <summary>A person's own settings, and the biography as it was written.</summary>
internal sealed record SourceEntity(string Note)
{
    public string Privacy { get; init; } = "public";

    public bool Sensitive { get; init; }

    public string? Language { get; init; }

    public int FollowRequestsCount { get; init; }

    public IReadOnlyList<EmptyEntity> Fields { get; init; } = [];
}

/// <summary>How the token's person stands to another.</summary>
internal sealed record RelationshipEntity(string Id, bool Following, bool FollowedBy)
{
    public bool ShowingReblogs => Following;

    public bool Notifying { get; init; }

    public IReadOnlyList<string>? Languages { get; init; }

    public bool Blocking { get; init; }

    public bool BlockedBy { get; init; }

    public bool Muting { get; init; }

    public bool MutingNotifications { get; init; }

    public bool Requested { get; init; }

    public bool RequestedBy { get; init; }

    public bool DomainBlocking { get; init; }

    public bool Endorsed { get; init; }

    public string Note { get; init; } = "";
}

/// <summary>An item of a list that is always empty here.</summary>
internal sealed record EmptyEntity;
