using Anywire.Messaging.Client;
using Grpc.Core;

namespace Anywire.Nats;

/// <summary>Carries calls over a NATS broker: <c>nats://host:port</c>. The README beside this file is the wire format. Any thread may use it.</summary>
public sealed class NatsTransport : ITransport
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
        SharesAddresses = true,
    };

    /// <inheritdoc/>
    /// <exception cref="FormatException">The address is not of the form that the README states.</exception>
    public async Task<ITransportServer> ListenAsync(TransportServerOptions options, CancellationToken cancellationToken) =>
        await NatsServer.ListenAsync(options, NatsAddress.Of(options.Endpoint), cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="FormatException">An address is not of the form that the README states.</exception>
    public ITransportClient Connect(TransportClientOptions options) => new Client(options, NatsAddress.Of(options.Endpoints[0]));

    private sealed class Client : ITransportClient
    {
        private readonly Caller _caller;

        public Client(TransportClientOptions options, NatsAddress address)
        {
            _caller = new Caller(options, WireName, listener => new NatsClientLink(options, address, listener));
            Invoker = new BrokerInvoker(_caller);
        }

        public CallInvoker Invoker { get; }

        public Task ConnectAsync(CancellationToken cancellationToken) => _caller.Link.RequireListenerAsync(cancellationToken);

        public ValueTask DisposeAsync() => _caller.DisposeAsync();
    }
}
