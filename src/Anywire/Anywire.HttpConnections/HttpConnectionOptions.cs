using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Anywire.HttpConnections;

/// <summary>How connections are kept, on both sides. Immutable.</summary>
internal sealed record HttpConnectionOptions
{
    /// <summary>What a listener speaks; with TLS both sides agree on one of them.</summary>
    public required HttpProtocols Protocols { get; init; }

    /// <summary>The most calls that one HTTP/2 connection carries at once.</summary>
    public required int MaxStreamsPerConnection { get; init; }

    /// <summary>The most connections that a secured listener holds which have not yet proved who they are.</summary>
    public required int MaxNewConnections { get; init; }

    /// <summary>How long an HTTP/2 connection may be silent before the other side is asked whether it is still there.</summary>
    public required TimeSpan KeepAliveDelay { get; init; }

    /// <summary>How long the answer to that may take.</summary>
    public required TimeSpan KeepAliveTimeout { get; init; }

    /// <summary>How long connecting may take, TLS included.</summary>
    public required TimeSpan ConnectTimeout { get; init; }

    /// <summary>How long a connection without calls is kept by its client.</summary>
    public TimeSpan IdleTimeout { get; init; } = Timeout.InfiniteTimeSpan;
}
