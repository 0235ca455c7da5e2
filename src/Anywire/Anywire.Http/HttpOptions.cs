using Anywire.HttpConnections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Anywire.Http;

/// <summary>Settings of the HTTP transport. Immutable.</summary>
public sealed record HttpOptions
{
    /// <summary>The most calls that one HTTP/2 connection carries at once; a client opens another connection for more. Default: 100.</summary>
    public int MaxStreamsPerConnection { get; init; } = 100;

    /// <summary>The most connections a server with TLS holds that have not yet proved who they are; of more the oldest is closed. Default: 4,096.</summary>
    public int MaxNewConnections { get; init; } = 4_096;

    /// <summary>How long an HTTP/2 connection may be silent before the other side is asked whether it is still there. Default: 4 s; at least 1 s.</summary>
    public TimeSpan KeepAliveDelay { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>How long the answer to that may take before the connection is given up. Default: 4 s; at least 1 s.</summary>
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>How long connecting may take, TLS included. Default: 5 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a client keeps a connection without calls; less than a server does, so that the client is the one to close it.
    /// Default: 60 s.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(60);

    internal HttpConnectionOptions Connections(HttpProtocols protocols) => new()
    {
        Protocols = protocols,
        MaxStreamsPerConnection = MaxStreamsPerConnection,
        MaxNewConnections = MaxNewConnections,
        KeepAliveDelay = KeepAliveDelay,
        KeepAliveTimeout = KeepAliveTimeout,
        ConnectTimeout = ConnectTimeout,
        IdleTimeout = IdleTimeout,
    };
}
