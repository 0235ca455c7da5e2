using Anywire.Udp.Client;
using Anywire.Udp.Server;

namespace Anywire.Udp;

/// <summary>Carries small calls and events by datagrams: <c>udps://host:port</c>, sealed, with keys agreed over a control connection to the same port of TCP; and
/// <c>udp://host:port</c> without any of that, for measuring. The README beside this file is the wire format. Any thread may use it.</summary>
public sealed class UdpTransport : ITransport
{
    internal const string WireName = "UDP";

    /// <summary>The largest message that fits a datagram together with an event's id of 28 characters and the caller's name.</summary>
    private const int MessageBytes = 1_130;

    /// <inheritdoc/>
    public TransportTraits Traits { get; } = new()
    {
        Name = WireName,
        Scheme = "udps",
        PlainScheme = "udp",
        CallKinds = CallKinds.Unary,
        MaxMessageBytes = MessageBytes,
        AtLeastOnce = Acknowledgement.Handled,
        RepliesMustBeIdempotent = true,
        AnswersBestEffort = false,
        UsesDatagrams = true,
        Security = "sealed datagrams, keys over mutual TLS",
    };

    /// <inheritdoc/>
    public async Task<ITransportServer> ListenAsync(TransportServerOptions options, CancellationToken cancellationToken)
    {
        Check(options.Endpoint, options.Credentials);
        return await UdpServer.ListenAsync(options, cancellationToken);
    }

    /// <inheritdoc/>
    public ITransportClient Connect(TransportClientOptions options)
    {
        foreach (var endpoint in options.Endpoints)
        {
            Check(endpoint, options.Credentials);
        }
        return new UdpClientSide(options);
    }

    private void Check(Endpoint endpoint, ServiceCredentials? credentials)
    {
        AddressCheck.RequireHostAndPort(endpoint);
        AddressCheck.RequireCredentials(endpoint, Traits, credentials);
    }
}
