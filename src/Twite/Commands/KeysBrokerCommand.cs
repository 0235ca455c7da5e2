using System.CommandLine;
using Anywire;
using Twite.Brokers;
using Twite.Keys;
using Twite.Topologies;

namespace Twite.Commands;

/// <summary><c>twite keys broker</c>: what a broker of one's own needs to serve the network.</summary>
internal static class KeysBrokerCommand
{
    public static Command Create(ProgramOptions options, KeyFolderOptions folder, CommandRunner runner)
    {
        var topology = new Option<string>(options.Topology.Name)
        {
            Description = options.Topology.Description,
            HelpName = options.Topology.HelpName,
            Required = true,
        };
        var at = new Option<string?>("--at")
        {
            Description = "The folder's full path on the broker's machine, which the configuration names. Default: where it is here.",
            HelpName = "DIR",
        };
        var command = new TaughtCommand("broker", "Makes what a broker needs to serve a topology: its certificate, the operator's (admin), and its configuration with a user for each service, who is known by certificate and has the rights that the service needs.")
        {
            Examples =
            [
                ("twite keys broker --topology queue --dir keys", "keys/broker has certificates, rabbitmq.conf, definitions.json and enabled_plugins"),
                ("twite keys broker --topology my.json --dir keys --at /etc/rabbitmq/twite", "to be copied to there on another machine"),
                ("twite keys broker --topology cluster.json --dir keys --at /etc/twite-broker", "where addresses name three nodes: a folder for each, keys/broker/HOST"),
            ],
        };
        command.Options.Add(topology);
        command.Options.Add(at);
        folder.AddTo(command);
        runner.Handle(command, quiet: true, (context, _) => Task.FromResult(
            Write(context, folder, TopologyFile.Load(context.Parsed.GetRequiredValue(topology)), context.Parsed.GetValue(at))));
        return command;
    }

    private static int Write(CommandContext context, KeyFolderOptions folder, Topology topology, string? at)
    {
        TopologyCheck.Require(topology, Composition.Transports(), new ContractTable(ServiceCatalog.Services.Values), insecure: true);
        var sites = BrokerSite.In(topology);
        if (sites.IsEmpty || sites.Any(s => !s.IsSecured))
        {
            throw new TopologyException(sites.IsEmpty
                ? $"The topology {topology.Source} has no broker: its addresses lead from service to service. With one they look like amqps://host or natss://host."
                : $"The topology {topology.Source} has {sites.First(s => !s.IsSecured).Address}, and what is written here is for brokers that take TLS alone. Use {sites.First(s => !s.IsSecured).Kind.Scheme}:.");
        }
        var here = Path.Combine(folder.Path(context), KeyFolder.Broker);
        var keys = folder.Open(context);
        var clusters = sites.GroupBy(s => s.Kind).ToList();
        var hosts = clusters.Where(c => c.Count() > 1).SelectMany(c => c).Select(n => n.Host).Distinct(StringComparer.Ordinal).ToList();
        if (hosts.FirstOrDefault(h => h == KeyFolder.Broker || ServiceCatalog.Services.ContainsKey(h) || keys.Names.Contains(h)) is { } name)
        {
            throw new TopologyException($"The topology {topology.Source} has a broker's node at {name}, and the broker would prove to be the {name} of this network. Call that machine by another name.");
        }
        var rights = BrokerRights.Of(topology, keys.Clients);
        var setups = clusters.Select(c => c.Count() == 1 ? [BrokerSetup.Of(c.Single(), rights)] : BrokerCluster.Of(topology, [.. c], rights)).ToList();
        KeysCommand.SayMade(context, keys.Update([.. ServiceCatalog.Services.Keys, KeyFolder.Broker, BrokerRights.Operator], brokerHosts: hosts));
        foreach (var setup in setups.SelectMany(s => s))
        {
            // A node's folder is complete in itself: it goes to a machine of its own.
            var folderOf = setup.Cluster is { } cluster ? Path.Combine(here, cluster.Own) : here;
            // Full paths are compared by nobody: on another machine it may be of another kind.
            var place = at ?? folderOf;
            var files = setup.Write(folderOf, new BrokerPlace(place, place, place));
            if (setup.Cluster is not null)
            {
                files = [.. files, .. BrokerCluster.Share(setup.Kind, here, folderOf)];
            }
            context.Terminal.Out.WriteLine($"{folderOf} has what {setup.Kind.Name} needs: {string.Join(", ", files)}, ca.pem, {KeyFolder.Broker}.pem and {KeyFolder.Broker}.key. Start it with: {HowToStart(setup, place)}");
        }
        return ExitCodes.Ok;
    }

    private static string HowToStart(BrokerSetup setup, string place) =>
        setup.Kind == BrokerKind.Nats ? $"nats-server -c {place}/{NatsConfiguration.MainFile}"
        : setup.Cluster is not null ? $"RABBITMQ_CONF_ENV_FILE={place}/{RabbitMqNode.EnvironmentFile} rabbitmq-server"
        : $"RABBITMQ_CONFIG_FILE={place}/{RabbitMqConfiguration.MainFile} RABBITMQ_ENABLED_PLUGINS_FILE={place}/{RabbitMqConfiguration.PluginsFile} rabbitmq-server";
}
