using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using Anywire;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Twite.Storage;
using Twite.Topologies;
using Twite.Web;

namespace Twite.Hosting;

/// <summary>The services of one process, joined as the topology says. Starts in <see cref="StartAsync"/>, drains in <see cref="StopAsync"/>;
/// disposing without stopping cuts off what runs.</summary>
internal sealed class TwiteHost : IAsyncDisposable
{
    // Four services that read over sixteen connections each.
    private const int MostCallThreads = 64;
    private const int ThreadsForBackground = 16;

    private static readonly TimeSpan BrokerPause = TimeSpan.FromSeconds(1);

    private readonly TwiteHostOptions _options;
    private readonly Wiring _wiring;
    private readonly ILogger _logger;
    private readonly ImmutableArray<PlacedInstance> _instances;
    private readonly List<(PlacedInstance Instance, IServiceModule Module)> _modules = [];
    private readonly List<AnywireServer> _servers = [];
    private readonly Dictionary<string, ServiceDirectory> _directories = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ServiceCredentials?> _credentials = new(StringComparer.Ordinal);
    private readonly CallThreads _callThreads = new(MostCallThreads);
    private Neighbours? _neighbours;
    private CertificateWatch? _certificateWatch;
    private bool _stopped;

    private TwiteHost(TwiteHostOptions options, ImmutableArray<PlacedInstance> instances, Wiring wiring)
    {
        (_options, _instances, _wiring) = (options, instances, wiring);
        _logger = options.Loggers.CreateLogger<TwiteHost>();
    }

    /// <summary>Where browsers find the front end, with the real ports; empty when this process runs none.</summary>
    public IReadOnlyList<string> Urls => [.. _modules.Select(m => m.Module).OfType<WebModule>().SelectMany(m => m.Urls)];

    /// <summary>Checks the topology, opens the services, listens, and starts their work; when it returns the network is up.</summary>
    /// <exception cref="TopologyException">The topology cannot be run.</exception>
    /// <exception cref="StorageException">A service's files cannot be used.</exception>
    /// <exception cref="IOException">An address cannot be listened on.</exception>
    public static async Task<TwiteHost> StartAsync(TwiteHostOptions options, CancellationToken cancellationToken)
    {
        var wires = options.Transports ?? Composition.Transports();
        var contracts = new ContractTable(ServiceCatalog.Services.Values);
        TopologyCheck.Require(options.Topology, wires, contracts, options.Insecure);
        var instances = options.Topology.Find(options.Services);
        var reach = new Reach(new EdgeWires(options.Topology, wires, contracts), [.. instances.Select(i => i.Name)]);
        if (options.Start)
        {
            // A tool that starts nothing calls nobody but what it runs.
            TopologyCheck.Require(reach.Problems());
        }
        var host = new TwiteHost(options, instances, new Wiring(reach, options.Loggers, options.Time));
        try
        {
            // Whatever can be refused is refused before the first file is touched.
            foreach (var instance in instances)
            {
                host.DirectoryOf(instance.Service);
            }
            DataDirectory.Create(options.DataDirectory);
            if (options.Services.Any(s => IsOnServer(options, s)))
            {
                // What reads from a server besides calls (relays, housekeeping, whether it is ready) holds a thread of the pool meanwhile, and by
                // itself the pool adds one or two a second.
                ThreadPool.GetMinThreads(out var workers, out var completions);
                ThreadPool.SetMinThreads(Math.Max(workers, ThreadsForBackground), completions);
            }
            await host.OpenAsync(cancellationToken);
            if (options.Start)
            {
                host._certificateWatch = new CertificateWatch(host.Certificates(), host._logger, options.Time);
            }
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>The way to a service as somebody who is none, such as the operator's tool.</summary>
    public CallInvoker Connect(string caller, string service) => DirectoryOf(caller).Connect(service);

    /// <summary>Whether everything here can do its work; else what cannot, and why. Ready but with a reason when it can, and something that runs
    /// elsewhere cannot be reached.</summary>
    public ValueTask<Readiness> CheckReadinessAsync(CancellationToken cancellationToken) => CheckReadinessAsync(isForStrangers: false, cancellationToken);

    /// <summary>Lets what was accepted finish: first the front end, then calls between services, then their background work.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _stopped = true;
        foreach (var (instance, module) in _modules.Where(m => m.Module is WebModule).ToList())
        {
            ProgramLog.Stopping(_logger, instance.Name);
            await module.DisposeAsync();
            _modules.Remove((instance, module));
        }
        foreach (var server in _servers)
        {
            await server.StopAsync(cancellationToken);
        }
        await DisposeAsync();
        ProgramLog.Stopped(_logger);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _stopped = true;
        if (_certificateWatch is { } watch)
        {
            await watch.DisposeAsync();
        }
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }
        for (var last = _modules.Count - 1; last >= 0; last--)
        {
            await _modules[last].Module.DisposeAsync();
        }
        foreach (var directory in _directories.Values)
        {
            await directory.DisposeAsync();
        }
        _servers.Clear();
        _modules.Clear();
        _directories.Clear();
    }

    // Anybody may ask the front end: addresses and paths are not theirs to know.
    private ValueTask<Readiness> CheckForStrangersAsync(CancellationToken cancellationToken) => CheckReadinessAsync(isForStrangers: true, cancellationToken);

    private async ValueTask<Readiness> CheckReadinessAsync(bool isForStrangers, CancellationToken cancellationToken)
    {
        if (_stopped)
        {
            return new Readiness(false, "The program is stopping.");
        }
        foreach (var (instance, module) in _modules)
        {
            if (await module.CheckReadinessAsync(cancellationToken) is { IsReady: false } missing)
            {
                return missing with { Reason = isForStrangers ? $"{instance.Name} cannot do its work" : $"{instance.Name}: {missing.Reason}" };
            }
        }
        return _neighbours is not null && await _neighbours.MissingAsync().WaitAsync(cancellationToken) is { Count: > 0 } away
            ? new Readiness(true, $"degraded: {string.Join("; ", away.Select(m => isForStrangers ? m.Problem : m.ToString()).Distinct(StringComparer.Ordinal))}")
            : Readiness.Ready;
    }

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        // The front end last: it is the only one that strangers reach.
        foreach (var instance in _instances.OrderBy(i => i.Service == ServiceCatalog.Web))
        {
            var context = new ServiceContext(instance.Service, DirectoryOf(instance.Service), _options.Loggers, _options.Time);
            _modules.Add((instance, await Composition.OpenAsync(instance.Service, context, OptionsOf(instance), CheckForStrangersAsync, cancellationToken)));
        }
        foreach (var (instance, module) in _modules)
        {
            await ListenAsync(instance, module, cancellationToken);
        }
        _neighbours = new Neighbours([.. NeighboursOf(_directories)], _options.Time);
        if (_options.Start)
        {
            foreach (var (_, module) in _modules)
            {
                await module.StartAsync(cancellationToken);
            }
        }
    }

    // Each service that runs elsewhere, by each wire, and one of those here that call it so.
    private IEnumerable<(string, Func<CancellationToken, Task>)> NeighboursOf(Dictionary<string, ServiceDirectory> directories) =>
        ServiceCatalog.Edges.Where(e => directories.ContainsKey(e.Caller) && !_wiring.Reach.IsHere(e.Callee))
            .DistinctBy(e => (e.Callee, _wiring.Reach.AddressesOf(e.Caller, e.Callee).FirstOrDefault()?.Scheme))
            .Select(edge =>
            {
                var directory = directories[edge.Caller];
                return (edge.Callee, (Func<CancellationToken, Task>)(token => directory.ConnectAsync(edge.Callee, token)));
            });

    private TwiteHostOptions OptionsOf(PlacedInstance instance) => _options with
    {
        Urls = !_options.Urls.IsEmpty ? _options.Urls : !instance.Urls.IsEmpty ? instance.Urls : [BrowserUrl.Default],
        // Notifications that run elsewhere have an address for it, or the topology was refused.
        ReceiverAddress = (_wiring.Reach.AddressFor("notifications", instance) ?? instance.Call[0]).ToString(),
    };

    private async Task ListenAsync(PlacedInstance instance, IServiceModule module, CancellationToken cancellationToken)
    {
        var server = new AnywireServer(new AnywireServerOptions
        {
            Transports = _wiring.Transports,
            Name = instance.Service,
            DeadLettered = module.OnDeadLetter,
            Services = module.Services,
            Contracts = _wiring.Contracts,
            CheckReadiness = module.CheckReadinessAsync,
            Interceptors = [new StorageInterceptor(IsOnServer(_options, instance.Service) ? _callThreads : null)],
            Credentials = CredentialsOf(instance.Service),
            Loggers = _options.Loggers,
            Time = _options.Time,
        });
        _servers.Add(server);
        // Those of one scheme that lead to a broker are its nodes.
        foreach (var nodes in instance.Listen.GroupBy(e => IsAtBroker(e) ? e.Scheme : e.ToString(), StringComparer.Ordinal))
        {
            var actual = await ListenAsync(server, instance.Name, nodes.First(), [.. nodes.Skip(1)], cancellationToken);
            ProgramLog.Listening(_logger, instance.Name, string.Join(", ", nodes.Skip(1).Prepend(actual)));
        }
    }

    // A broker that is away when a service starts comes back as well as one that goes away later.
    private async Task<Endpoint> ListenAsync(AnywireServer server, string name, Endpoint endpoint, IReadOnlyList<Endpoint> otherNodes, CancellationToken cancellationToken)
    {
        string? said = null;
        while (true)
        {
            try
            {
                return await server.ListenAsync(endpoint, otherNodes, cancellationToken);
            }
            catch (IOException away) when (IsAtBroker(endpoint))
            {
                if (away.Message != said)
                {
                    ProgramLog.WaitsForBroker(_logger, name, said = away.Message);
                }
            }
            await Task.Delay(BrokerPause, _options.Time, cancellationToken);
        }
    }

    private static bool IsOnServer(TwiteHostOptions options, string service) =>
        service != ServiceCatalog.Web && StorageSettings.ServerOf(options.Configuration, service) is not null;

    private bool IsAtBroker(Endpoint endpoint) => _wiring.Transports.For(endpoint).Traits.SharesAddresses;

    private ServiceDirectory DirectoryOf(string caller)
    {
        if (!_directories.TryGetValue(caller, out var directory))
        {
            directory = new ServiceDirectory(caller, _wiring, CredentialsOf(caller));
            _directories.Add(caller, directory);
        }
        return directory;
    }

    private IEnumerable<(string Service, X509Certificate2 Certificate)> Certificates()
    {
        foreach (var (service, credentials) in _credentials)
        {
            if (credentials is not null)
            {
                yield return (service, credentials.Certificate);
            }
        }
    }

    // Null when nothing that the service listens at or calls is secured.
    private ServiceCredentials? CredentialsOf(string service)
    {
        if (!_credentials.TryGetValue(service, out var credentials))
        {
            var endpoints = ServiceCatalog.Edges.Where(e => e.Caller == service).SelectMany(e => _wiring.Reach.AddressesOf(service, e.Callee))
                .Concat(_instances.Where(i => i.Service == service).SelectMany(i => i.Listen));
            var secured = endpoints.Where(_wiring.IsSecured).ToList();
            credentials = secured.Count > 0
                ? CertificateFolder.Load(_options.CertificateDirectory, service, overBroker: secured.Any(e => _wiring.Transports.For(e).Traits.SharesAddresses))
                : null;
            _credentials.Add(service, credentials);
        }
        return credentials;
    }
}
