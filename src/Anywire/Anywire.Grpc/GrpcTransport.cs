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
        RequireCredentials(options.Endpoint, options.Credentials);
        return await GrpcServer.ListenAsync(options, _options, cancellationToken);
    }

    /// <inheritdoc/>
    public ITransportClient Connect(TransportClientOptions options)
    {
        foreach (var endpoint in options.Endpoints)
        {
            RequireCredentials(endpoint, options.Credentials);
        }
        return new GrpcClient(options, _options);
    }

    private void RequireCredentials(Endpoint endpoint, ServiceCredentials? credentials)
    {
        if (endpoint.Host.Length == 0 || endpoint.Port < 0)
        {
            throw new FormatException($"\"{endpoint}\" names no host and port. Write {endpoint.Scheme}://host:port.");
        }
        if (endpoint.Scheme == Traits.Scheme && credentials is null)
        {
            throw new InvalidOperationException($"{endpoint} is secured and there is no certificate to prove the service with.");
        }
    }
}
