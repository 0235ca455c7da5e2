using Anywire.Messaging.Client;

namespace Anywire.Nats;

/// <summary>Carries calls over a NATS broker: <c>natss://host:port</c>. The README beside this file is the wire format. Any thread may use it.</summary>
public sealed class NatsTransport : ITransport, IKeepsDeadLetters
{
    internal const string WireName = "NATS";

    /// <summary>What a broker must let through: the largest message and its head.</summary>
    internal const int PayloadBytes = MessageBytes + (1024 * 1024);

    private const int MessageBytes = 7 * 1024 * 1024;

    /// <inheritdoc/>
    public TransportTraits Traits { get; } = new()
    {
        Name = WireName,
        Scheme = "natss",
        PlainScheme = "nats",
        CallKinds = CallKinds.Unary | CallKinds.ServerStreaming,
        MaxMessageBytes = MessageBytes,
        AtLeastOnce = Acknowledgement.Accepted,
        SharesAddresses = true,
        Security = "mutual TLS with the broker, sealed messages",
    };

    /// <inheritdoc/>
    /// <exception cref="FormatException">An address is not of the form that the README states.</exception>
    public async Task<ITransportServer> ListenAsync(TransportServerOptions options, CancellationToken cancellationToken) =>
        await NatsServer.ListenAsync(options, [.. options.Nodes.Select(e => new NatsAddress(e))], cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="FormatException">An address is not of the form that the README states.</exception>
    public ITransportClient Connect(TransportClientOptions options)
    {
        NatsAddress[] nodes = [.. options.Endpoints.Select(e => new NatsAddress(e))];
        return new BrokerClient(options, WireName, listener => new NatsClientLink(options, nodes, listener));
    }

    /// <inheritdoc/>
    /// <exception cref="FormatException">An address is not of the form that the README states.</exception>
    public Task<IDeadLetterStore> OpenDeadLettersAsync(TransportClientOptions options, CancellationToken cancellationToken) =>
        NatsDeadLetters.OpenAsync(options, [.. options.Endpoints.Select(e => new NatsAddress(e))]);
}
