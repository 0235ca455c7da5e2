using Anywire.Messaging.Client;

namespace Anywire.RabbitMq;

/// <summary>Carries calls over a RabbitMQ broker: <c>amqps://host:port/vhost</c>. The README beside this file is the wire format. Any thread may use it.</summary>
public sealed class RabbitMqTransport : ITransport, IKeepsDeadLetters
{
    internal const string WireName = "RabbitMQ";
    internal const string Secured = "amqps";

    /// <inheritdoc/>
    public TransportTraits Traits { get; } = new()
    {
        Name = WireName,
        Scheme = Secured,
        PlainScheme = "amqp",
        CallKinds = CallKinds.Unary | CallKinds.ServerStreaming,
        AtLeastOnce = Acknowledgement.Accepted,
        SharesAddresses = true,
        Security = "mutual TLS with the broker, sealed messages",
    };

    /// <inheritdoc/>
    /// <exception cref="FormatException">An address is not of the form that the README states.</exception>
    public async Task<ITransportServer> ListenAsync(TransportServerOptions options, CancellationToken cancellationToken) =>
        await RabbitMqServer.ListenAsync(options, [.. options.Nodes.Select(e => new RabbitMqAddress(e))], cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="FormatException">An address is not of the form that the README states.</exception>
    public ITransportClient Connect(TransportClientOptions options)
    {
        RabbitMqAddress[] nodes = [.. options.Endpoints.Select(e => new RabbitMqAddress(e))];
        return new BrokerClient(options, WireName, listener => new RabbitMqClientLink(options, nodes, listener));
    }

    /// <inheritdoc/>
    /// <exception cref="FormatException">An address is not of the form that the README states.</exception>
    public Task<IDeadLetterStore> OpenDeadLettersAsync(TransportClientOptions options, CancellationToken cancellationToken) =>
        RabbitMqDeadLetters.OpenAsync(options, [.. options.Endpoints.Select(e => new RabbitMqAddress(e))], cancellationToken);
}
