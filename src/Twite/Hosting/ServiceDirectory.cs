using System.Collections.Concurrent;
using System.Collections.Immutable;
using Anywire;
using Grpc.Core;
using Twite.Topologies;

namespace Twite.Hosting;

/// <summary>One service's ways to the others, made when they are first asked for. Any thread may use it; disposing closes them all.</summary>
internal sealed class ServiceDirectory(
    string caller, Wiring wiring, ServiceCredentials? credentials) : IServiceDirectory, IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<AnywireClient>> _services = new(StringComparer.Ordinal);
    private readonly ReceiverCache _receivers = new();

    /// <inheritdoc/>
    public CallInvoker Connect(string service) => ClientOf(service).Invoker;

    /// <inheritdoc/>
    public CallInvoker ConnectTo(string service, Endpoint endpoint) =>
        _receivers.GetOrAdd(endpoint, () => Open(service, wiring.Reach.NodesOf(service, endpoint))).Invoker;

    /// <inheritdoc/>
    public TransportTraits TraitsOf(string service) => ClientOf(service).Traits;

    /// <summary>Connects to a service now; fails with <see cref="RpcException"/> when it cannot be reached, or does not take calls.</summary>
    public Task ConnectAsync(string service, CancellationToken cancellationToken) => ClientOf(service).ConnectAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var client in _services.Values)
        {
            await client.Value.DisposeAsync();
        }
        await _receivers.DisposeAsync();
    }

    private AnywireClient ClientOf(string service)
    {
        if (!ServiceCatalog.Edges.Contains((caller, service)))
        {
            throw new InvalidOperationException($"{caller} wants to call {service}, and no such edge was checked. Add it to {nameof(ServiceCatalog)}.{nameof(ServiceCatalog.Edges)}.");
        }
        return _services.GetOrAdd(service, name => new Lazy<AnywireClient>(() => Open(name, AddressesOf(name)))).Value;
    }

    // A tool runs a part of the network by itself; what it does not run it does not call, and a call would say that nobody listens.
    private ImmutableArray<Endpoint> AddressesOf(string service) => wiring.Reach.AddressesOf(caller, service) is { IsEmpty: false } addresses
        ? addresses
        : wiring.Reach.Topology[service].Instances[0].Call[..1];

    private AnywireClient Open(string service, IReadOnlyList<Endpoint> endpoints)
    {
        var transport = wiring.Transports.For(endpoints[0]);
        return new AnywireClient(transport, new TransportClientOptions
        {
            Endpoints = endpoints,
            Service = service,
            Caller = caller,
            Contracts = wiring.Contracts,
            Credentials = Wiring.IsSecured(transport.Traits, endpoints[0]) ? credentials : null,
            Loggers = wiring.Loggers,
            Time = wiring.Time,
        });
    }
}
