namespace Twite.Web.Api.Entities;

/// <summary>A message (docs.joinmastodon.org/entities/Status). Fields of things this network does not have carry the value that means
/// "none".</summary>
internal sealed record StatusEntity
{
    public required string Id { get; init; }

    public required string CreatedAt { get; init; }

    public string? InReplyToId { get; init; }

    public string? InReplyToAccountId { get; init; }

    public bool Sensitive { get; init; }

    public string SpoilerText { get; init; } = "";

    public string Visibility { get; init; } = "public";

    public string? Language { get; init; }

    public required string Uri { get; init; }

    public required string Url { get; init; }

    public int RepliesCount { get; init; }

    public int ReblogsCount { get; init; }

    public int FavouritesCount { get; init; }

    public string? EditedAt { get; init; }

    public bool Favourited { get; init; }

    public bool Reblogged { get; init; }

    public bool Muted { get; init; }

    public bool Bookmarked { get; init; }

    /// <summary>Safe HTML.</summary>
    public required string Content { get; init; }

    /// <summary>As it was written.</summary>
    public required string Text { get; init; }

    public StatusEntity? Reblog { get; init; }

    public required AccountEntity Account { get; init; }

    public IReadOnlyList<EmptyEntity> MediaAttachments { get; init; } = [];

    public required IReadOnlyList<MentionEntity> Mentions { get; init; }

    public required IReadOnlyList<TagEntity> Tags { get; init; }

    public IReadOnlyList<EmptyEntity> Emojis { get; init; } = [];

    public IReadOnlyList<EmptyEntity> Filtered { get; init; } = [];

    public EmptyEntity? Card { get; init; }

    public EmptyEntity? Poll { get; init; }
}

/// <summary>Somebody who is named in a message.</summary>
internal sealed record MentionEntity(string Id, string Username, string Url, string Acct);

/// <summary>A word that messages are found by.</summary>
internal sealed record TagEntity(string Name, string Url)
{
    public IReadOnlyList<EmptyEntity> History { get; init; } = [];
}

/// <summary>What surrounds a message: nothing, as there are no replies.</summary>
internal sealed record ContextEntity
{
    public IReadOnlyList<StatusEntity> Ancestors { get; init; } = [];

    public IReadOnlyList<StatusEntity> Descendants { get; init; } = [];
}

/// <summary>Something that happened to the token's person.</summary>
internal sealed record NotificationEntity(string Id, string Type, string CreatedAt, AccountEntity Account, StatusEntity? Status)
{
    public string GroupKey => "ungrouped-" + Id;
}

/// <summary>What was found.</summary>
internal sealed record SearchEntity(
    IReadOnlyList<AccountEntity> Accounts, IReadOnlyList<StatusEntity> Statuses, IReadOnlyList<TagEntity> Hashtags);

/// <summary>What every failed request is answered with.</summary>
internal sealed record ErrorEntity(string Error);
