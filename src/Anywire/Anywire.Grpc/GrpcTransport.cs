using Anywire.Grpc.Client;
using Anywire.Grpc.Server;

namespace Anywire.Grpc;

/// <summary>Carries calls by gRPC over HTTP/2: <c>grpcs://host:port</c> with mutual TLS 1.3, <c>grpc://host:port</c> without. Any gRPC client
/// and server of any language can be on the other side. Any thread may use it.</summary>
public sealed class GrpcTransport(GrpcOptions? options = null) : ITransport
{
    internal const string WireName = "gRPC";

    private readonly GrpcOptions _options = options ?? new GrpcOptions();

    /// <inheritdoc/>
    public TransportTraits Traits { get; } = new()
    {
        Name = WireName,
        Scheme = "grpcs",
        PlainScheme = "grpc",
    };

    /// <inheritdoc/>
    public async Task<ITransportServer> ListenAsync(TransportServerOptions options, CancellationToken cancellationToken)
    {
        Check(options.Endpoint, options.Credentials);
        return await GrpcServer.ListenAsync(options, _options, cancellationToken);
    }

    /// <inheritdoc/>
    public ITransportClient Connect(TransportClientOptions options)
    {
        foreach (var endpoint in options.Endpoints)
        {
            Check(endpoint, options.Credentials);
        }
        return new GrpcClient(options, _options);
    }

    private void Check(Endpoint endpoint, ServiceCredentials? credentials)
    {
        AddressCheck.RequireHostAndPort(endpoint);
        AddressCheck.RequireCredentials(endpoint, Traits, credentials);
    }
}
