using Anywire.Diagnostics;
using Anywire.Server;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Health.V1;
using Microsoft.Extensions.Logging;

namespace Anywire;

/// <summary>What a server hosts and how. Immutable.</summary>
public sealed record AnywireServerOptions
{
    /// <summary>The transports it may listen with.</summary>
    public required Transports Transports { get; init; }

    /// <summary>The name that its callers know it by; needed on wires whose addresses lead to a broker.</summary>
    public string? Name { get; init; }

    /// <summary>Told of each at-least-once call that was given up here and lies in a broker's dead letters; by any thread.</summary>
    public Action<DeadLetter>? DeadLettered { get; init; }

    /// <summary>The services it answers for.</summary>
    public required IReadOnlyList<ServiceRegistration> Services { get; init; }

    /// <summary>The contracts of their methods.</summary>
    public required ContractTable Contracts { get; init; }

    /// <summary>Its bounds.</summary>
    public ServerLimits Limits { get; init; } = new();

    /// <summary>Server-side interceptors, the first outermost; the same on every wire.</summary>
    public IReadOnlyList<Interceptor> Interceptors { get; init; } = [];

    /// <summary>Whether the services can do their work, for the standard health service that every wire but the in-process one answers; null
    /// when listening is enough.</summary>
    public Func<CancellationToken, ValueTask<Readiness>>? CheckReadiness { get; init; }

    /// <summary>What it proves itself with; needed for secured schemes.</summary>
    public ServiceCredentials? Credentials { get; init; }

    /// <summary>Where logs go. A provider that throws ends no call and no connection.</summary>
    public required ILoggerFactory Loggers { get; init => field = UnfailingLoggers.Of(value); }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>Serves some gRPC services on any number of addresses, on any wires, under one set of bounds. Members may be called by any
/// thread; stop once.</summary>
public sealed class AnywireServer : IAsyncDisposable
{
    private readonly AnywireServerOptions _options;
    private readonly CallGate _gate;
    private readonly ILogger _logger;
    private readonly HealthService _health;
    private readonly CancellationTokenSource _draining = new();
    private readonly Lock _lock = new();
    private readonly List<ITransportServer> _listeners = [];

    /// <summary>Makes a server that does not listen yet.</summary>
    public AnywireServer(AnywireServerOptions options)
    {
        _options = options;
        _gate = new CallGate(options.Limits.MaxConcurrentCalls);
        _logger = options.Loggers.CreateLogger<AnywireServer>();
        _health = new HealthService(options.Services.Select(s => s.Descriptor.FullName), options.CheckReadiness, options.Time, _draining.Token);
    }

    /// <summary>The calls being handled now.</summary>
    public int CallsInFlight => _gate.Calls;

    /// <summary>Whether it has begun to stop: new calls are refused.</summary>
    public bool IsDraining => _gate.IsDraining;

    /// <summary>Listens on one more address.</summary>
    /// <returns>The address with its real port.</returns>
    /// <exception cref="FormatException">No transport carries addresses of that scheme.</exception>
    /// <exception cref="IOException">The address cannot be listened on.</exception>
    public Task<Endpoint> ListenAsync(Endpoint endpoint, CancellationToken cancellationToken) => ListenAsync(endpoint, otherNodes: [], cancellationToken);

    /// <summary>Listens at a broker with several nodes: at one of them, and at another when that is lost.</summary>
    /// <returns>The first address.</returns>
    /// <exception cref="FormatException">No transport carries addresses of that scheme.</exception>
    /// <exception cref="IOException">None can be listened on.</exception>
    public async Task<Endpoint> ListenAsync(Endpoint endpoint, IReadOnlyList<Endpoint> otherNodes, CancellationToken cancellationToken)
    {
        var transport = _options.Transports.For(endpoint);
        var plain = endpoint.Scheme == transport.Traits.PlainScheme || !transport.Traits.NeedsCredentials;
        AddressCheck.RequireCredentials(endpoint, transport.Traits, _options.Credentials);
        var listener = await transport.ListenAsync(
            new TransportServerOptions
            {
                Endpoint = endpoint,
                OtherNodes = otherNodes,
                Service = _options.Name,
                DeadLettered = _options.DeadLettered,
                Bind = binder => Bind(binder, transport.Traits),
                Contracts = _options.Contracts,
                Limits = _options.Limits,
                Credentials = plain ? null : _options.Credentials,
                Loggers = _options.Loggers,
                Time = _options.Time,
            },
            cancellationToken);
        lock (_lock)
        {
            _listeners.Add(listener);
        }
        return listener.Endpoint;
    }

    /// <summary>Refuses new calls with UNAVAILABLE, waits for the accepted ones (at most <see cref="ServerLimits.DrainTimeout"/>), then closes
    /// the wires.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _draining.CancelAsync();
        var drained = _gate.DrainAsync();
        // Whatever they meet: the accepted ones are to be awaited all the same.
        await Task.WhenAll(Listeners().Select(l => l.StopTakingAsync(cancellationToken))).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            await drained.WaitAsync(_options.Limits.DrainTimeout, _options.Time, cancellationToken);
        }
        catch (TimeoutException)
        {
            _logger.DrainTimedOut(_gate.Calls, _options.Limits.DrainTimeout);
        }
        var listeners = TakeListeners();
        try
        {
            foreach (var listener in listeners)
            {
                await listener.StopAsync(cancellationToken);
            }
        }
        finally
        {
            // Also when nobody waits any more for the stop: nobody else knows of them by now.
            foreach (var listener in listeners)
            {
                await listener.DisposeAsync();
            }
        }
    }

    /// <summary>Closes the wires at once; stop first to let calls finish.</summary>
    public async ValueTask DisposeAsync()
    {
        await _draining.CancelAsync();
        _ = _gate.DrainAsync();
        foreach (var listener in TakeListeners())
        {
            await listener.DisposeAsync();
        }
    }

    private void Bind(ServiceBinderBase binder, TransportTraits traits)
    {
        var guard = new CallGuard(_gate, _options.Contracts, new HandlerErrors(_logger, _options.Time), _logger, _options.Time, traits);
        var guarded = new GuardedBinder(binder, guard, _options.Interceptors);
        foreach (var service in _options.Services)
        {
            service.Bind(guarded);
        }
        if (!traits.SharesMemory)
        {
            // Past the guard: who asks whether we drain must be answered while we do, and one who watches must not keep us from it.
            Health.BindService(binder, _health);
        }
    }

    private ITransportServer[] Listeners()
    {
        lock (_lock)
        {
            return [.. _listeners];
        }
    }

    private ITransportServer[] TakeListeners()
    {
        lock (_lock)
        {
            ITransportServer[] taken = [.. _listeners];
            _listeners.Clear();
            return taken;
        }
    }
}
