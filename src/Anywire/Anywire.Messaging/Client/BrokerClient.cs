using Grpc.Core;

namespace Anywire.Messaging.Client;

/// <summary>The client side for one service.</summary>
internal sealed class BrokerClient : ITransportClient
{
    private readonly Caller _caller;

    /// <param name="options">Whom it calls, and as whom.</param>
    /// <param name="wire">The transport's name.</param>
    /// <param name="connect">Makes the way through the broker.</param>
    public BrokerClient(TransportClientOptions options, string wire, Func<ILinkListener, IClientLink> connect)
    {
        _caller = new Caller(options, wire, connect);
        Invoker = new BrokerInvoker(_caller);
    }

    public CallInvoker Invoker { get; }

    public Task ConnectAsync(CancellationToken cancellationToken) => _caller.Link.RequireListenerAsync(cancellationToken);

    public ValueTask DisposeAsync() => _caller.DisposeAsync();
}
