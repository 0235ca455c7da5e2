using System.Collections.Concurrent;
using Grpc.Core;

namespace Anywire.Wire;

/// <summary>Carries calls within the process but through everything a real wire has (<c>wire:name</c>): serializer, frames, flow control,
/// metadata as bytes; only the socket is missing. For tests: what works here needs no shared memory. One instance is one namespace of
/// names. Any thread may use it.</summary>
public sealed class WireTransport : ITransport
{
    private readonly ConcurrentDictionary<string, WireServer> _servers = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public TransportTraits Traits { get; } = new()
    {
        Name = "wire-forced",
        Scheme = "wire",
        NeedsCredentials = false,
    };

    /// <inheritdoc/>
    public Task<ITransportServer> ListenAsync(TransportServerOptions options, CancellationToken cancellationToken)
    {
        var server = new WireServer(options, stopped => _servers.TryRemove(KeyValuePair.Create(stopped.Endpoint.Path, stopped)));
        if (!_servers.TryAdd(options.Endpoint.Path, server))
        {
            throw new IOException($"{options.Endpoint} is taken: something in this process listens there already.");
        }
        return Task.FromResult<ITransportServer>(server);
    }

    /// <inheritdoc/>
    public ITransportClient Connect(TransportClientOptions options) => new WireClient(this, options);

    internal WireServer? Find(string name) => _servers.GetValueOrDefault(name);

    private sealed class WireClient(WireTransport transport, TransportClientOptions options) : ITransportClient
    {
        private readonly CancellationTokenSource _closed = new();
        private WireInvoker? _invoker;

        public CallInvoker Invoker => _invoker ??= new WireInvoker(transport, options, _closed.Token);

        public Task ConnectAsync(CancellationToken cancellationToken) =>
            options.Endpoints.Any(e => transport.Find(e.Path) is not null)
                ? Task.CompletedTask
                : Task.FromException(WireInvoker.NobodyListens(options));

        public async ValueTask DisposeAsync() => await _closed.CancelAsync();
    }
}
