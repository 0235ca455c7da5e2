using Grpc.Core;

namespace Anywire.InProcess;

/// <summary>Settings of the in-process transport. Immutable.</summary>
public sealed record InProcessOptions
{
    /// <summary>Compare each message's bytes before and after it was handed over, and fail the call that finds a change, naming the method whose
    /// message it was. For tests: it serializes every message. Default: false.</summary>
    public bool VerifyHandOver { get; init; }
}

/// <summary>Carries calls within the process (<c>inproc:name</c>): a call is a direct call of the handler on the caller's thread, and messages
/// are handed over, not copied, so neither side may change one afterwards. One instance is one namespace of names. Any thread may use it.</summary>
public sealed class InProcessTransport(InProcessOptions? options = null) : ITransport
{
    private readonly LocalServers<InProcessServer> _servers = new();
    private readonly HandOverCheck? _check = options is { VerifyHandOver: true } ? new HandOverCheck() : null;

    /// <inheritdoc/>
    public TransportTraits Traits { get; } = new()
    {
        Name = "in process",
        Scheme = "inproc",
        SharesMemory = true,
        Security = "same process",
        NeedsCredentials = false,
    };

    /// <inheritdoc/>
    public Task<ITransportServer> ListenAsync(TransportServerOptions options, CancellationToken cancellationToken)
    {
        var server = new InProcessServer(options, _check, _servers.Remove);
        _servers.Add(server);
        return Task.FromResult<ITransportServer>(server);
    }

    /// <inheritdoc/>
    public ITransportClient Connect(TransportClientOptions options) => new InProcessClient(_servers, options);

    private sealed class InProcessClient(LocalServers<InProcessServer> servers, TransportClientOptions options) : ITransportClient
    {
        private readonly CancellationTokenSource _closed = new();
        private InProcessInvoker? _invoker;

        public CallInvoker Invoker => _invoker ??= new InProcessInvoker(servers, options, _closed.Token);

        public Task ConnectAsync(CancellationToken cancellationToken) => servers.ConnectAsync(options);

        public async ValueTask DisposeAsync() => await _closed.CancelAsync();
    }
}
