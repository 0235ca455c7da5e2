using System.Collections.Concurrent;
using Anywire;
using Grpc.Core;
using Twite.Topologies;

namespace Twite.Hosting;

/// <summary>One service's ways to the others, made when they are first asked for. Any thread may use it; disposing closes them all.</summary>
internal sealed class ServiceDirectory(
    string caller, Topology topology, Wiring wiring, ServiceCredentials? credentials) : IServiceDirectory, IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<AnywireClient>> _services = new(StringComparer.Ordinal);
    private readonly ReceiverCache _receivers = new();

    /// <inheritdoc/>
    public CallInvoker Connect(string service) => ClientOf(service).Invoker;

    /// <inheritdoc/>
    public CallInvoker ConnectTo(string service, Endpoint endpoint) =>
        _receivers.GetOrAdd(endpoint, () => Open(service, [endpoint])).Invoker;

    /// <inheritdoc/>
    public TransportTraits TraitsOf(string service) => ClientOf(service).Traits;

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
        return _services.GetOrAdd(service, name => new Lazy<AnywireClient>(() => Open(name, [.. topology[name].CallAt]))).Value;
    }

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
