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
        // Full paths are compared by nobody: on another machine it may be of another kind.
        var here = Path.Combine(folder.Path(context), KeyFolder.Broker);
        var place = at ?? here;
        var keys = folder.Open(context);
        KeysCommand.SayMade(context, keys.Update([.. ServiceCatalog.Services.Keys, KeyFolder.Broker, BrokerRights.Operator]));
        var rights = BrokerRights.Of(topology, keys.Clients);
        foreach (var nodes in sites.GroupBy(s => s.Kind))
        {
            var files = Together(topology, [.. nodes], rights).Write(here, new BrokerPlace(place, place, place));
            context.Terminal.Out.WriteLine($"{here} has what {nodes.Key.Name} needs: {string.Join(", ", files)}, ca.pem, {KeyFolder.Broker}.pem and {KeyFolder.Broker}.key. Start it with: {HowToStart(nodes.Key, place)}");
        }
        return ExitCodes.Ok;
    }

    // The nodes of one broker are set up alike.
    private static BrokerSetup Together(Topology topology, IReadOnlyList<BrokerSite> nodes, System.Collections.Immutable.ImmutableArray<BrokerRights> rights)
    {
        var setup = BrokerSetup.Of(nodes[0], rights);
        return nodes.Count == 1 ? setup
            : nodes.All(n => n.Port == setup.Port) ? setup with { Host = null }
            : throw new TopologyException($"The topology {topology.Source} has nodes of one {setup.Kind.Name} on different ports ({string.Join(", ", nodes.Select(n => n.Address))}), and what is written here is for all of them. Give all the same port.");
    }

    private static string HowToStart(BrokerKind kind, string place) => kind == BrokerKind.Nats
        ? $"nats-server -c {place}/{NatsConfiguration.MainFile}"
        : $"RABBITMQ_CONFIG_FILE={place}/{RabbitMqConfiguration.MainFile} RABBITMQ_ENABLED_PLUGINS_FILE={place}/{RabbitMqConfiguration.PluginsFile} rabbitmq-server";
}
