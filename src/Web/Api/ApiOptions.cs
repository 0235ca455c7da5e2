namespace Twite.Web.Api;

/// <summary>How the public API behaves. Immutable.</summary>
public sealed record ApiOptions
{
    /// <summary>Where people reach this network, as an absolute URL without a path: what links in replies begin with. Default (null): what each
    /// request was sent to; live streams then go to at most twelve addresses at a time, and to four that only requests without a token name.</summary>
    public Uri? PublicUrl { get; init; }

    /// <summary>What the network is called. Default: Twite.</summary>
    public string Title { get; init; } = "Twite";

    /// <summary>What it is, in a sentence.</summary>
    public string Description { get; init; } = "A social network for short public messages: 141 characters, one more than the one everybody remembers.";

    /// <summary>Where the source code of this network is. Default: empty, for not said.</summary>
    public string SourceUrl { get; init; } = "";

    /// <summary>How many requests a person (without a token: an address; of IPv6 the /64) may make within <see cref="RequestWindow"/> of one
    /// front end. One more is refused with 429. Default: 1,500.</summary>
    public int MaxRequests { get; init; } = 1_500;

    /// <summary>Windows begin at multiples of it, by the clock. Default: 5 minutes.</summary>
    public TimeSpan RequestWindow { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How many messages a person may delete within <see cref="DeleteWindow"/>. Default: 30.</summary>
    public int MaxDeletes { get; init; } = 30;

    /// <summary>Default: 30 minutes.</summary>
    public TimeSpan DeleteWindow { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>The largest request body in bytes; a larger one is refused with 413. Default: 64 KiB.</summary>
    public long MaxBodyBytes { get; init; } = 64 * 1024;
}
