using Anywire.Diagnostics;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Anywire;

/// <summary>One way of carrying calls: a <see cref="CallInvoker"/> on one side and whatever binds to a
/// <see cref="ServiceBinderBase"/> on the other, gRPC's own seam for alternative serving stacks. Deadlines by default, retry, identity,
/// tracing and admission are not its business: the waist wraps both sides.
/// An instance may be used by many threads at once.</summary>
public interface ITransport
{
    /// <summary>What it can honour.</summary>
    TransportTraits Traits { get; }

    /// <summary>Starts to listen. When the task completes calls are being served.</summary>
    /// <exception cref="IOException">The address cannot be listened on; the message names it.</exception>
    Task<ITransportServer> ListenAsync(TransportServerOptions options, CancellationToken cancellationToken);

    /// <summary>Makes the client side for one service. Connects when the first call needs it, and again whenever that is lost.</summary>
    ITransportClient Connect(TransportClientOptions options);
}

/// <summary>A listening server. Disposing it closes its connections at once; stop it first to let calls finish.</summary>
public interface ITransportServer : IAsyncDisposable
{
    /// <summary>Where it listens, with the real port.</summary>
    Endpoint Endpoint { get; }

    /// <summary>Takes no more of what waits for all replicas together, which another gets then, and goes on with what it has. The waist refuses new calls by now, and calls
    /// this before it awaits the accepted ones. Where each replica has an address of its own there is nothing to do.</summary>
    Task StopTakingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Tells peers to go elsewhere, takes no new connection, and returns when the connections are closed. The waist has refused
    /// new calls and awaited the accepted ones before it calls this.</summary>
    Task StopAsync(CancellationToken cancellationToken);
}

/// <summary>The client side for one service.</summary>
public interface ITransportClient : IAsyncDisposable
{
    /// <summary>Carries calls; any thread may use it.</summary>
    CallInvoker Invoker { get; }

    /// <summary>Connects now where the wire has connections; the task fails with <see cref="RpcException"/> when none can be had.</summary>
    Task ConnectAsync(CancellationToken cancellationToken);
}

/// <summary>What a transport needs to listen. Immutable.</summary>
public sealed record TransportServerOptions
{
    /// <summary>Where to listen.</summary>
    public required Endpoint Endpoint { get; init; }

    /// <summary>The broker's other nodes, each as good as the first; none for wires whose addresses lead to no broker.</summary>
    public IReadOnlyList<Endpoint> OtherNodes { get; init; } = [];

    /// <summary>Where to listen, at whichever answers: <see cref="Endpoint"/> and <see cref="OtherNodes"/>.</summary>
    public IEnumerable<Endpoint> Nodes => OtherNodes.Prepend(Endpoint);

    /// <summary>The name of the service, which its callers know it by; null where the address alone says who it is. Wires whose addresses lead to a
    /// broker need it.</summary>
    public string? Service { get; init; }

    /// <summary>Told of each at-least-once call that was given up here and lies in the broker's dead letters; by any thread. Null when nobody wants to know.</summary>
    public Action<DeadLetter>? DeadLettered { get; init; }

    /// <summary>The handlers, already guarded by the waist: bind them once.</summary>
    public required Action<ServiceBinderBase> Bind { get; init; }

    /// <summary>The contracts, for the size limits.</summary>
    public required ContractTable Contracts { get; init; }

    /// <summary>The bounds to keep.</summary>
    public required ServerLimits Limits { get; init; }

    /// <summary>Certificates; null for a plain scheme or a wire that never leaves the process.</summary>
    public ServiceCredentials? Credentials { get; init; }

    /// <summary>Where logs go. What is read from here does not throw, whatever was set.</summary>
    public required ILoggerFactory Loggers { get; init => field = UnfailingLoggers.Of(value); }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }
}

/// <summary>What a transport needs to call a service. Immutable.</summary>
public sealed record TransportClientOptions
{
    /// <summary>The addresses, all of one scheme; calls are balanced over several.</summary>
    public required IReadOnlyList<Endpoint> Endpoints { get; init; }

    /// <summary>The name that the callee's certificate must prove.</summary>
    public required string Service { get; init; }

    /// <summary>The caller's own name: what its certificate proves, or what is simply so within a process.</summary>
    public required string Caller { get; init; }

    /// <summary>The contracts, for the size limits.</summary>
    public required ContractTable Contracts { get; init; }

    /// <summary>Certificates; null for a plain scheme or a wire that never leaves the process.</summary>
    public ServiceCredentials? Credentials { get; init; }

    /// <summary>Where logs go. What is read from here does not throw, whatever was set.</summary>
    public required ILoggerFactory Loggers { get; init => field = UnfailingLoggers.Of(value); }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }
}
