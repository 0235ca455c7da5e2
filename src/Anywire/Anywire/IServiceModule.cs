using Google.Protobuf.Reflection;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Anywire;

/// <summary>One gRPC service: its descriptor (for the contracts) and how to bind its handlers.</summary>
/// <param name="Descriptor">The generated descriptor, <c>MessagesService.Descriptor</c>.</param>
/// <param name="Bind">Binds the handlers: <c>binder => MessagesService.BindService(binder, implementation)</c>.</param>
public sealed record ServiceRegistration(ServiceDescriptor Descriptor, Action<ServiceBinderBase> Bind);

/// <summary>What a topology places under one name: some gRPC services with what they own (a database, background work).
/// Disposing stops the background work and closes what it owns; the wires have drained by then.</summary>
public interface IServiceModule : IAsyncDisposable
{
    /// <summary>What it answers for.</summary>
    IReadOnlyList<ServiceRegistration> Services { get; }

    /// <summary>Starts background work such as an outbox relay. Called once, after every wire of the program is open.</summary>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Tells it of an at-least-once call to it that was given up and lies in a broker's dead letters, so that it can tell the sender. By any thread; does not
    /// block. By default nobody is told.</summary>
    void OnDeadLetter(DeadLetter letter)
    {
    }

    /// <summary>Whether it can do its work now; the reason when it cannot. Cheap enough to be asked every second.</summary>
    ValueTask<Readiness> CheckReadinessAsync(CancellationToken cancellationToken);
}

/// <summary>Whether something can do its work now.</summary>
/// <param name="IsReady">It can.</param>
/// <param name="Reason">What is missing, in people's words; null when nothing is. One that is ready may still lack something it can do without.</param>
public sealed record Readiness(bool IsReady, string? Reason = null)
{
    /// <summary>All is well.</summary>
    public static readonly Readiness Ready = new(true);
}

/// <summary>What a module is given to work with. Immutable.</summary>
/// <param name="Name">Its name in the topology.</param>
/// <param name="Directory">How it reaches other services.</param>
/// <param name="Loggers">Where logs go.</param>
/// <param name="Time">The clock.</param>
public sealed record ServiceContext(string Name, IServiceDirectory Directory, ILoggerFactory Loggers, TimeProvider Time);

/// <summary>How a service reaches others without knowing which wire carries the call. Any thread may use it.</summary>
public interface IServiceDirectory
{
    /// <summary>The way to a service by its name in the topology. The invoker lives as long as the program; keep it.</summary>
    /// <exception cref="InvalidOperationException">The topology has no such service, or no edge to it.</exception>
    CallInvoker Connect(string service);

    /// <summary>The way to one receiver at an address it gave itself, such as a front end's live-update receiver. Cached by address.</summary>
    /// <exception cref="FormatException">No wire carries addresses of that scheme.</exception>
    CallInvoker ConnectTo(string service, Endpoint endpoint);

    /// <summary>What the wire to a service can honour: whether the answer to an event means that it was handled.</summary>
    TransportTraits TraitsOf(string service);
}
