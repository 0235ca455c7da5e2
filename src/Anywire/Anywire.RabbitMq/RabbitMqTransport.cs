using Anywire.Messaging.Client;
using Grpc.Core;

namespace Anywire.RabbitMq;

/// <summary>Carries calls over a RabbitMQ broker: <c>amqp://host:port/vhost</c>. The README beside this file is the wire format. Any thread may use it.</summary>
public sealed class RabbitMqTransport : ITransport
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
        SharesAddresses = true,
    };

    /// <inheritdoc/>
    /// <exception cref="FormatException">The address is not of the form that the README states.</exception>
    public async Task<ITransportServer> ListenAsync(TransportServerOptions options, CancellationToken cancellationToken) =>
        await RabbitMqServer.ListenAsync(options, RabbitMqAddress.Of(options.Endpoint), cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="FormatException">An address is not of the form that the README states.</exception>
    public ITransportClient Connect(TransportClientOptions options) => new Client(options, RabbitMqAddress.Of(options.Endpoints[0]));

    private sealed class Client : ITransportClient
    {
        private readonly Caller _caller;

        public Client(TransportClientOptions options, RabbitMqAddress address)
        {
            _caller = new Caller(options, WireName, listener => new RabbitMqClientLink(options, address, listener));
            Invoker = new BrokerInvoker(_caller);
        }

        public CallInvoker Invoker { get; }

        public Task ConnectAsync(CancellationToken cancellationToken) => _caller.Link.RequireListenerAsync(cancellationToken);

        public ValueTask DisposeAsync() => _caller.DisposeAsync();
    }
}
