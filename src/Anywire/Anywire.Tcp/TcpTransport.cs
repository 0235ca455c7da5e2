using Anywire.Identity;
using Anywire.Tcp.Client;
using Anywire.Tcp.Connections;
using Anywire.Tcp.Server;

namespace Anywire.Tcp;

/// <summary>Carries calls over raw TCP sockets: <c>tcps://host:port</c> with mutual TLS 1.3, <c>tcp://host:port</c> without. The README beside it has the wire format.
/// Any thread may use it.</summary>
/// <param name="options">Its settings; null for the defaults.</param>
public sealed class TcpTransport(TcpOptions? options = null) : ITransport
{
    internal const string WireName = "TCP";

    /// <summary>How many bytes of a stream of replies may be on their way to a caller that has not read them.</summary>
    internal const int ClientWindow = 1024 * 1024;

    private readonly Runtime _runtime = new(options ?? new TcpOptions());

    /// <inheritdoc/>
    public TransportTraits Traits { get; } = new()
    {
        Name = WireName,
        Scheme = "tcps",
        PlainScheme = "tcp",
    };

    /// <inheritdoc/>
    public async Task<ITransportServer> ListenAsync(TransportServerOptions options, CancellationToken cancellationToken)
    {
        Check(options.Endpoint, options.Credentials);
        return await TcpServer.ListenAsync(options, TlsFor(options.Endpoint, options.Credentials), _runtime, cancellationToken);
    }

    /// <inheritdoc/>
    /// <exception cref="FormatException">An address names no host and port, or some are secured and others not.</exception>
    public ITransportClient Connect(TransportClientOptions options)
    {
        foreach (var endpoint in options.Endpoints)
        {
            Check(endpoint, options.Credentials);
            if (endpoint.Scheme != options.Endpoints[0].Scheme)
            {
                throw new FormatException($"The addresses of {options.Service} differ in scheme. Let all of them say {Traits.Scheme}:, or all of them {Traits.PlainScheme}:.");
            }
        }
        return new TcpClient(options, options.Endpoints.Count > 0 ? TlsFor(options.Endpoints[0], options.Credentials) : null, _runtime);
    }

    private MutualTls? TlsFor(Endpoint endpoint, ServiceCredentials? credentials) =>
        endpoint.Scheme == Traits.Scheme ? new MutualTls(credentials!) : null;

    private void Check(Endpoint endpoint, ServiceCredentials? credentials)
    {
        AddressCheck.RequireHostAndPort(endpoint);
        AddressCheck.RequireCredentials(endpoint, Traits, credentials);
    }
}
