using Anywire.Client;
using Grpc.Core;

namespace Anywire;

/// <summary>The way to one service: give <see cref="Invoker"/> to a generated client. Any thread may use it; disposing closes the wire and
/// fails what is in flight.</summary>
public sealed class AnywireClient : IAsyncDisposable
{
    private readonly ITransportClient _wire;
    private readonly BestEffortQueue _bestEffort;

    /// <summary>Makes the way. Nothing is connected before the first call.</summary>
    /// <param name="transport">The transport that carries the addresses.</param>
    /// <param name="options">Where to and as whom.</param>
    /// <param name="retry">How calls are tried again; null for the defaults.</param>
    /// <param name="limits">The bound of the best-effort queue; null for the defaults.</param>
    public AnywireClient(ITransport transport, TransportClientOptions options, RetryOptions? retry = null, ServerLimits? limits = null)
    {
        Traits = transport.Traits;
        _wire = transport.Connect(options);
        // One at a time keeps their order where nothing else is waited for: within a process a message is handled where it is sent, and what is not answered has ended when it has left.
        _bestEffort = new BestEffortQueue((limits ?? new ServerLimits()).BestEffortQueue, Traits.SharesMemory || !Traits.AnswersBestEffort ? 1 : 16);
        var claim = options.Credentials is null && Traits.NeedsCredentials ? options.Caller : null;
        Invoker = new ClientInvoker(
            _wire.Invoker, Traits, options.Contracts, new RetryPolicy(retry ?? new RetryOptions(), options.Time, Random.Shared), _bestEffort, options.Time, claim);
    }

    /// <summary>Carries the calls of generated clients.</summary>
    public CallInvoker Invoker { get; }

    /// <summary>What the wire can honour.</summary>
    public TransportTraits Traits { get; }

    /// <summary>Connects now where the wire has connections; fails with <see cref="RpcException"/> when it cannot.</summary>
    public Task ConnectAsync(CancellationToken cancellationToken) => _wire.ConnectAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _bestEffort.DisposeAsync();
        await _wire.DisposeAsync();
    }
}
