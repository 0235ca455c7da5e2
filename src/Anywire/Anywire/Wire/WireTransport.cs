using Grpc.Core;

namespace Anywire.Wire;

/// <summary>Carries calls within the process but through everything a real wire has (<c>wire:name</c>): serializer, frames, flow control,
/// metadata as bytes; only the socket is missing. For tests: what works here needs no shared memory. One instance is one namespace of
/// names. Any thread may use it.</summary>
public sealed class WireTransport : ITransport
{
    internal const string WireName = "wire-forced";

    private readonly LocalServers<WireServer> _servers = new();

    /// <inheritdoc/>
    public TransportTraits Traits { get; } = new()
    {
        Name = WireName,
        Scheme = "wire",
        NeedsCredentials = false,
    };

    /// <inheritdoc/>
    public Task<ITransportServer> ListenAsync(TransportServerOptions options, CancellationToken cancellationToken)
    {
        var server = new WireServer(options, _servers.Remove);
        _servers.Add(server);
        return Task.FromResult<ITransportServer>(server);
    }

    /// <inheritdoc/>
    public ITransportClient Connect(TransportClientOptions options) => new WireClient(_servers, options);

    private sealed class WireClient(LocalServers<WireServer> servers, TransportClientOptions options) : ITransportClient
    {
        private readonly CancellationTokenSource _closed = new();
        private WireInvoker? _invoker;

        public CallInvoker Invoker => _invoker ??= new WireInvoker(servers, options, _closed.Token);

        public Task ConnectAsync(CancellationToken cancellationToken) => servers.ConnectAsync(options);

        public async ValueTask DisposeAsync() => await _closed.CancelAsync();
    }
}
