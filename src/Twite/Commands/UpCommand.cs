using System.CommandLine;
using Anywire;
using Microsoft.Extensions.Logging;
using Spectre.Console;
using Twite.Brokers;
using Twite.Hosting;
using Twite.Keys;
using Twite.Supervision;
using Twite.Telemetry;
using Twite.Topologies;

namespace Twite.Commands;

/// <summary><c>twite up</c>: all services on this machine, each as a process of its own, supervised.</summary>
internal static class UpCommand
{
    public static Command Create(ProgramOptions options, CommandRunner runner)
    {
        var topology = new Option<string>(options.Topology.Name)
        {
            Description = options.Topology.Description,
            HelpName = options.Topology.HelpName,
            DefaultValueFactory = _ => "grpc",
        };
        var withBroker = new Option<bool>("--with-broker")
        {
            Description = "Runs the broker that the topology's addresses lead to as well, from what is installed here, with its files in DATA/broker.",
        };
        var command = new TaughtCommand("up", "Runs each service of a topology as a process of its own on this machine: makes their keys, starts again what crashes, and stops them all in order.")
        {
            Examples =
            [
                ("twite up", "the network over gRPC with mutual TLS, files in ./data, http://localhost:5141"),
                ("twite up --topology queue --with-broker", "the network over RabbitMQ, and RabbitMQ; nats for NATS"),
                ("twite up --topology my.json --data /var/lib/twite", "replicas and wires of one's own choice"),
                ("kill -TERM PID", "of one of its processes: it finishes what it accepted, and is started again"),
            ],
        };
        foreach (var option in new Option[] { options.Data, options.Urls, topology, options.Insecure, options.Certificates, options.Metrics, withBroker })
        {
            command.Options.Add(option);
        }
        runner.Handle(command, quiet: false, (context, cancellationToken) =>
            UpAsync(
                context, TopologyFile.Load(context.Parsed.GetRequiredValue(topology)), context.Parsed.GetValue(options.Insecure), context.Parsed.GetValue(withBroker), cancellationToken));
        return command;
    }

    private static async Task<int> UpAsync(CommandContext context, Topology topology, bool insecure, bool withBroker, CancellationToken cancellationToken)
    {
        var wires = Composition.Transports();
        Require(context, topology, wires, insecure);
        var brokers = withBroker ? OwnBrokers.Of(topology) : null;
        await (brokers is null ? SayAbsentBrokersAsync(context, topology) : brokers.RequirePortsAsync());
        var metrics = MetricsOf(context, topology);
        DataDirectory.Create(context.DataDirectory);
        var certificates = Certificates(context, topology, wires, withBroker);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var names = topology.Instances.Select(i => i.Name).Concat((brokers?.Sites ?? []).Select(OwnBrokers.NameOf)).ToList();
        var log = new InterleavedLog(
            context.Terminal.Error, names, InterleavedLog.IsColourWanted(context.Terminal.IsErrorRedirected, Environment.GetEnvironmentVariable));
        var instances = topology.Instances.ToLookup(i => i.Service == ServiceCatalog.Web, i => Supervise(context, i, certificates, metrics.GetValueOrDefault(i.Name), insecure, topology.Source, log));
        var first = brokers?.Supervise(certificates!, Path.Combine(context.DataDirectory, "broker"), log, context.Loggers, TimeProvider.System) ?? [];
        await using var supervisor = new Supervisor([first, [.. instances[false]], [.. instances[true]]], context.Loggers.CreateLogger<Supervisor>(), TimeProvider.System);
        using var signals = new StopSignals(stop, supervisor.Kill);
        Failure? failure = null;
        try
        {
            failure = await supervisor.StartAsync(stop.Token);
            if (failure is null)
            {
                SayWhere(context, supervisor, topology, metrics);
                failure = await supervisor.FailedAsync().WaitAsync(stop.Token);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Told to stop.
        }
        var left = await supervisor.StopAsync();
        if (failure is not null)
        {
            throw new FailureException(failure);
        }
        return left.Count == 0
            ? ExitCodes.Ok
            : throw new FailureException(new Failure(ExitCodes.Failed, $"Stopped, but not in order: {string.Join(", ", left)} did not end as it should; its log may say why."));
    }

    // Whatever can be refused is refused before anything is made or started.
    private static void Require(CommandContext context, Topology topology, Transports wires, bool insecure)
    {
        var contracts = new ContractTable(ServiceCatalog.Services.Values);
        TopologyCheck.Require(topology, wires, contracts, insecure);
        var edges = new EdgeWires(topology, wires, contracts);
        if (topology.Instances.SelectMany(i => new Reach(edges, [i.Name]).Problems()).FirstOrDefault() is { } problem)
        {
            throw new TopologyException($"twite up gives each service a process of its own, and this topology does not allow that: {problem} Or run it in one process: twite run --topology {topology.Source}");
        }
        var frontEnds = topology[ServiceCatalog.Web].Instances;
        if (frontEnds.Length > 1 && (!context.Urls.IsEmpty || frontEnds.Any(i => i.Urls.IsEmpty)))
        {
            throw new UsageException($"The topology {topology.Source} has {frontEnds.Length} front ends: give each its own \"urls\" there, and leave --urls out.");
        }
    }

    // Services wait for their broker, so that it may come later: but whoever forgot it should not have to find out why they wait.
    private static async Task SayAbsentBrokersAsync(CommandContext context, Topology topology)
    {
        foreach (var nodes in BrokerSite.In(topology).GroupBy(s => s.Kind))
        {
            // One of several will do.
            if (!(await Task.WhenAll(nodes.Select(n => new BrokerProbe(n, credentials: null).IsOpenAsync()))).Contains(true))
            {
                SupervisionLog.NoBroker(context.Loggers.CreateLogger<Supervisor>(), nodes.First().ToString());
            }
        }
    }

    // The folder of certificates; null when no wire needs any. Those in the data directory are made, and made anew before they expire.
    private static string? Certificates(CommandContext context, Topology topology, Transports wires, bool withBroker)
    {
        var secured = topology.Instances.SelectMany(i => i.Listen.Concat(i.Call)).Where(e => Wiring.IsSecured(wires.For(e).Traits, e)).ToList();
        if (secured.Count == 0)
        {
            return null;
        }
        if (context.CertificateDirectory is { } given)
        {
            return Path.GetFullPath(given);
        }
        List<string> names = withBroker ? [.. topology.Services.Keys, KeyFolder.Broker, BrokerRights.Operator] : [.. topology.Services.Keys];
        var old = KeyFolder.At(context.KeyDirectory, authority: null, TimeProvider.System).UpdateToRun(names, needsMessageKeys: secured.Any(e => wires.For(e).Traits.SharesAddresses));
        foreach (var one in old)
        {
            SupervisionLog.NotRenewed(context.Loggers.CreateLogger<Supervisor>(), one.Name, one.Until, context.KeyDirectory);
        }
        return context.KeyDirectory;
    }

    // Each process shows its own: the first where it was asked for, each next one a port further.
    private static Dictionary<string, string> MetricsOf(CommandContext context, Topology topology)
    {
        if (context.MetricsUrl is not { } url)
        {
            return [];
        }
        MetricsEndpoint.Require(url);
        return topology.Instances.Select((instance, place) => (instance.Name, Url: MetricsEndpoint.Behind(url, place)))
            .ToDictionary(m => m.Name, m => m.Url, StringComparer.Ordinal);
    }

    private static SupervisedInstance Supervise(
        CommandContext context, PlacedInstance instance, string? certificates, string? metrics, bool insecure, string topology, InterleavedLog log)
    {
        List<string> arguments = ["run", instance.Name, RunCommand.SupervisedOption, "--topology", topology, "--data", context.DataDirectory];
        if (certificates is not null)
        {
            // Its own key and nobody else's.
            arguments.AddRange("--certificates", KeyFolder.Of(certificates, instance.Service));
        }
        if (metrics is not null)
        {
            arguments.AddRange("--metrics", metrics);
        }
        if (insecure)
        {
            arguments.Add("--insecure");
        }
        if (context.IsVerbose)
        {
            arguments.Add("--verbose");
        }
        if (instance.Service == ServiceCatalog.Web && !context.Urls.IsEmpty)
        {
            arguments.AddRange("--urls", string.Join(';', context.Urls));
        }
        arguments.AddRange(context.Settings);
        return new SupervisedInstance(
            instance.Name, () => ChildProcess.Start(arguments, line => log.Write(instance.Name, line)), new RestartBackoff(Random.Shared),
            context.Loggers.CreateLogger<Supervisor>(), TimeProvider.System);
    }

    private static void SayWhere(CommandContext context, Supervisor supervisor, Topology topology, Dictionary<string, string> metrics)
    {
        var places = topology.Instances.Select(i => (i.Name, Place: string.Join(", ", i.Listen)))
            .Concat(BrokerSite.In(topology).DistinctBy(OwnBrokers.NameOf).Select(b => (Name: OwnBrokers.NameOf(b), Place: b.Address)))
            .ToDictionary(p => p.Name, p => p.Place, StringComparer.Ordinal);
        var table = new Table().Border(TableBorder.Simple).AddColumns("service", "process", "listens at", "state");
        if (metrics.Count > 0)
        {
            table.AddColumn("metrics");
        }
        foreach (var instance in supervisor.All)
        {
            List<string> row =
            [
                instance.Name, instance.ProcessId?.ToString() ?? "", places[instance.Name],
                instance.Report switch { { State: ChildState.Ready } => "ready", { Reason: { } reason } => reason, _ => "starting" },
            ];
            if (metrics.TryGetValue(instance.Name, out var url))
            {
                row.Add($"{url}/metrics");
            }
            table.AddRow([.. row]);
        }
        context.Terminal.Drawing.Write(table);
        var urls = supervisor.All.SelectMany(i => i.Report?.Urls ?? []);
        context.Terminal.Out.WriteLine($"Twite is at {string.Join(", ", urls)}, {StorageSettings.Describe(context.Configuration, context.DataDirectory)}. {supervisor.All.Count} processes; Ctrl-C stops them all.");
        context.Terminal.Out.Flush();
    }
}
