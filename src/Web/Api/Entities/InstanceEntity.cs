namespace Twite.Web.Api.Entities;

/// <summary>The network, in the shape of version 2 (docs.joinmastodon.org/entities/Instance).</summary>
internal sealed record InstanceEntity(
    string Domain, string Title, string Version, string SourceUrl, string Description, UsageEntity Usage, ThumbnailEntity Thumbnail,
    InstanceConfigurationEntity Configuration, RegistrationsEntity Registrations, ContactEntity Contact)
{
    public IReadOnlyList<EmptyEntity> Icon { get; init; } = [];

    public IReadOnlyList<string> Languages { get; init; } = [];

    public IReadOnlyList<EmptyEntity> Rules { get; init; } = [];
}

/// <summary>The network, in the shape of version 1 (docs.joinmastodon.org/entities/V1_Instance).</summary>
internal sealed record InstanceV1Entity(
    string Uri, string Title, string ShortDescription, string Description, string Email, string Version, InstanceUrlsV1Entity Urls,
    StatsEntity Stats, string Thumbnail, InstanceConfigurationEntity Configuration)
{
    public IReadOnlyList<string> Languages { get; init; } = [];

    public bool Registrations { get; init; } = true;

    public bool ApprovalRequired { get; init; }

    public bool InvitesEnabled { get; init; }

    public AccountEntity? ContactAccount { get; init; }

    public IReadOnlyList<EmptyEntity> Rules { get; init; } = [];
}

/// <summary>What clients must keep to.</summary>
internal sealed record InstanceConfigurationEntity(InstanceUrlsEntity Urls)
{
    public StatusLimitsEntity Statuses { get; init; } = new();

    public AccountLimitsEntity Accounts { get; init; } = new();

    public MediaLimitsEntity MediaAttachments { get; init; } = new();

    public PollLimitsEntity Polls { get; init; } = new();

    public TranslationEntity Translation { get; init; } = new();
}

/// <summary>What is longer is refused, in grapheme clusters. A web address in a message counts for what it is; 0 says so.</summary>
internal sealed record StatusLimitsEntity(int MaxCharacters = 141, int MaxMediaAttachments = 0, int CharactersReservedPerUrl = 0);

internal sealed record AccountLimitsEntity(int MaxFeaturedTags = 0, int MaxPinnedStatuses = 0, int MaxNoteLength = 300);

internal sealed record MediaLimitsEntity(
    int ImageSizeLimit = 0, int ImageMatrixLimit = 0, int VideoSizeLimit = 0, int VideoFrameRateLimit = 0, int VideoMatrixLimit = 0)
{
    public IReadOnlyList<string> SupportedMimeTypes { get; init; } = [];
}

internal sealed record PollLimitsEntity(int MaxOptions = 0, int MaxCharactersPerOption = 0, int MinExpiration = 0, int MaxExpiration = 0);

internal sealed record TranslationEntity(bool Enabled = false);

internal sealed record InstanceUrlsEntity(string Streaming, string About);

internal sealed record InstanceUrlsV1Entity(string StreamingApi);

/// <summary>People are not counted: 0, as Mastodon answers where the number is not given out.</summary>
internal sealed record UsageEntity(UsersEntity Users);

internal sealed record UsersEntity(int ActiveMonth);

/// <summary>Neither is counted: 0.</summary>
internal sealed record StatsEntity(int UserCount, int StatusCount, int DomainCount);

internal sealed record ThumbnailEntity(string Url);

internal sealed record RegistrationsEntity(bool Enabled, bool ApprovalRequired, string? Message);

internal sealed record ContactEntity(string Email, AccountEntity? Account);
