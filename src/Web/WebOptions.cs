using Anywire;
using Twite.Web.Api;

namespace Twite.Web;

/// <summary>How the front end is served. Immutable.</summary>
public sealed record WebOptions
{
    /// <summary>Where it listens: absolute URLs, <c>http</c> or <c>https</c>. Default: <c>http://localhost:5141</c>.</summary>
    public IReadOnlyList<string> Urls { get; init; } = ["http://localhost:5141"];

    /// <summary>Where it keeps the keys that protect its forms. Replicas of the front end share this directory; nobody else may read it.
    /// Created when missing.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Where this front end's live-update receiver listens, as Notifications reaches it. Default: <c>inproc:web</c>.</summary>
    public string ReceiverAddress { get; init; } = "inproc:web";

    /// <summary>Whether cookies carry <c>Secure</c> and the <c>__Host-</c> prefix. Default (null): yes when every URL is <c>https</c> or on
    /// this machine only. Say yes when a proxy in front speaks https and this program listens on a network address.</summary>
    public bool? SecureCookies { get; init; }

    /// <summary>The addresses of proxies whose <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c> are believed. Default: none.</summary>
    public IReadOnlyList<string> TrustedProxies { get; init; } = [];

    /// <summary>The largest request body in bytes; a larger one is refused with 413. Default: 64 KiB.</summary>
    public long MaxBodyBytes { get; init; } = 64 * 1024;

    /// <summary>The most connections held at once, live streams among them; one more is closed at once. Default: 16,000.</summary>
    public int MaxConnections { get; init; } = 16_000;

    /// <summary>How the API for people's programs behaves.</summary>
    public ApiOptions Api { get; init; } = new();

    /// <summary>How long requests may take to finish once the front end stops. Default: 10 s.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>What <c>/readyz</c> answers: whether all that this program hosts can work. Default (null): whether the front end listens.</summary>
    public Func<CancellationToken, ValueTask<Readiness>>? CheckReadiness { get; init; }
}
