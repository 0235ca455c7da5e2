using Anywire.HttpConnections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Anywire.Grpc;

/// <summary>Settings of the gRPC transport. Immutable.</summary>
public sealed record GrpcOptions
{
    /// <summary>The most calls one connection carries at once; a client opens another connection for more. Default: 100.</summary>
    public int MaxStreamsPerConnection { get; init; } = 100;

    /// <summary>The most connections a server with TLS holds that have not yet proved who they are; of more the oldest is closed. Default: 4,096.</summary>
    public int MaxNewConnections { get; init; } = 4_096;

    /// <summary>How long a connection may be silent before the other side is asked whether it is still there. With
    /// <see cref="KeepAliveTimeout"/> it bounds how long a half-open peer goes unnoticed. Default: 4 s; at least 1 s.</summary>
    public TimeSpan KeepAliveDelay { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>How long the answer to that may take before the connection is given up. Default: 4 s; at least 1 s.</summary>
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>How long connecting may take, TLS included. Default: 5 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    internal HttpConnectionOptions Connections => new()
    {
        Protocols = HttpProtocols.Http2,
        MaxStreamsPerConnection = MaxStreamsPerConnection,
        MaxNewConnections = MaxNewConnections,
        KeepAliveDelay = KeepAliveDelay,
        KeepAliveTimeout = KeepAliveTimeout,
        ConnectTimeout = ConnectTimeout,
    };
}
