using Anywire;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Twite.Topologies;
using Twite.Web;

namespace Twite.Hosting;

/// <summary>The services of one process, joined as the topology says. Starts in <see cref="StartAsync"/>, drains in <see cref="StopAsync"/>;
/// disposing without stopping cuts off what runs.</summary>
internal sealed class TwiteHost : IAsyncDisposable
{
    private const int ThreadsForReaders = 64;

    private readonly TwiteHostOptions _options;
    private readonly Wiring _wiring;
    private readonly ILogger _logger;
    private readonly List<(string Name, IServiceModule Module)> _modules = [];
    private readonly List<AnywireServer> _servers = [];
    private readonly Dictionary<string, ServiceDirectory> _directories = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ServiceCredentials?> _credentials = new(StringComparer.Ordinal);
    private bool _stopped;

    private TwiteHost(TwiteHostOptions options, Wiring wiring)
    {
        (_options, _wiring) = (options, wiring);
        _logger = options.Loggers.CreateLogger<TwiteHost>();
    }

    /// <summary>Where browsers find the front end, with the real ports; empty when this process runs none.</summary>
    public IReadOnlyList<string> Urls => _modules.Select(m => m.Module).OfType<WebModule>().FirstOrDefault()?.Urls ?? [];

    /// <summary>Checks the topology, opens the services, listens, and starts their work; when it returns the network is up.</summary>
    /// <exception cref="TopologyException">The topology cannot be run.</exception>
    /// <exception cref="Storage.StorageException">A service's files cannot be used.</exception>
    /// <exception cref="IOException">An address cannot be listened on.</exception>
    public static async Task<TwiteHost> StartAsync(TwiteHostOptions options, CancellationToken cancellationToken)
    {
        var wiring = new Wiring(
            options.Transports ?? Composition.Transports(), new ContractTable(ServiceCatalog.Services.Values), options.Loggers, options.Time);
        TopologyCheck.Require(options.Topology, wiring.Transports, wiring.Contracts, options.Insecure);
        var host = new TwiteHost(options, wiring);
        try
        {
            // Whatever can be refused is refused before the first file is touched.
            foreach (var service in options.Services)
            {
                host.DirectoryOf(service);
            }
            DataDirectory.Create(options.DataDirectory);
            if (options.Services.Any(s => StorageSettings.ServerOf(options.Configuration, s) is not null))
            {
                // Who reads from a server holds a thread of the pool meanwhile, and by itself the pool adds one or two a second.
                ThreadPool.GetMinThreads(out var workers, out var completions);
                ThreadPool.SetMinThreads(Math.Max(workers, ThreadsForReaders), completions);
            }
            await host.OpenAsync(cancellationToken);
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

    /// <summary>Whether everything here can do its work; else what cannot, and why.</summary>
    public async ValueTask<Readiness> CheckReadinessAsync(CancellationToken cancellationToken)
    {
        if (_stopped)
        {
            return new Readiness(false, "The program is stopping.");
        }
        foreach (var (name, module) in _modules)
        {
            if (await module.CheckReadinessAsync(cancellationToken) is { IsReady: false } missing)
            {
                return missing with { Reason = $"{name}: {missing.Reason}" };
            }
        }
        return Readiness.Ready;
    }

    /// <summary>Lets what was accepted finish: first the front end, then calls between services, then their background work.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _stopped = true;
        foreach (var (name, module) in _modules.Where(m => m.Module is WebModule).ToList())
        {
            ProgramLog.Stopping(_logger, name);
            await module.DisposeAsync();
            _modules.Remove((name, module));
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

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        // The front end last: it is the only one that strangers reach.
        foreach (var name in _options.Services.OrderBy(s => s == ServiceCatalog.Web))
        {
            var context = new ServiceContext(name, DirectoryOf(name), _options.Loggers, _options.Time);
            _modules.Add((name, await Composition.OpenAsync(name, context, _options, CheckReadinessAsync, cancellationToken)));
        }
        foreach (var (name, module) in _modules)
        {
            await ListenAsync(name, module, cancellationToken);
        }
        if (_options.Start)
        {
            foreach (var (_, module) in _modules)
            {
                await module.StartAsync(cancellationToken);
            }
        }
    }

    private async Task ListenAsync(string name, IServiceModule module, CancellationToken cancellationToken)
    {
        var server = new AnywireServer(new AnywireServerOptions
        {
            Transports = _wiring.Transports,
            Services = module.Services,
            Contracts = _wiring.Contracts,
            CheckReadiness = module.CheckReadinessAsync,
            Interceptors = [new Storage.StorageInterceptor()],
            Credentials = CredentialsOf(name),
            Loggers = _options.Loggers,
            Time = _options.Time,
        });
        _servers.Add(server);
        foreach (var endpoint in _options.Topology[name].Listen)
        {
            var actual = await server.ListenAsync(endpoint, cancellationToken);
            ProgramLog.Listening(_logger, name, actual.ToString());
        }
    }

    private ServiceDirectory DirectoryOf(string caller)
    {
        if (!_directories.TryGetValue(caller, out var directory))
        {
            directory = new ServiceDirectory(caller, _options.Topology, _wiring, CredentialsOf(caller));
            _directories.Add(caller, directory);
        }
        return directory;
    }

    // Null when nothing that the service listens at or calls is secured.
    private ServiceCredentials? CredentialsOf(string service)
    {
        if (!_credentials.TryGetValue(service, out var credentials))
        {
            var topology = _options.Topology;
            var endpoints = ServiceCatalog.Edges.Where(e => e.Caller == service).SelectMany(e => topology[e.Callee].CallAt)
                .Concat(topology.Services.TryGetValue(service, out var placed) ? placed.Listen : []);
            credentials = endpoints.Any(_wiring.IsSecured) ? CertificateFolder.Load(_options.CertificateDirectory, service) : null;
            _credentials.Add(service, credentials);
        }
        return credentials;
    }
}
