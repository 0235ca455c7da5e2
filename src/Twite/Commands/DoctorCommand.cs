using System.CommandLine;
using Twite.Examination;
using Twite.Hosting;
using Twite.Topologies;

namespace Twite.Commands;

/// <summary><c>twite doctor</c>: what is missing, and how to get it.</summary>
internal static class DoctorCommand
{
    public static Command Create(ProgramOptions options, CommandRunner runner)
    {
        var command = new TaughtCommand("doctor", "Looks for what would keep the network from running here, and says how to mend it. Changes nothing. The exit code is 1 when something does not work.")
        {
            Examples =
            [
                ("twite doctor", "before twite run"),
                ("twite doctor --topology grpc", "before twite up: also its ports and certificates"),
                ("twite doctor --data /var/lib/twite | grep -v ^ok", "only what wants attention"),
            ],
        };
        foreach (var option in new Option[] { options.Data, options.Urls, options.Topology, options.Certificates })
        {
            command.Options.Add(option);
        }
        runner.Handle(command, quiet: true, async (context, _) =>
        {
            var findings = await LookAsync(context, context.HostOptions().Topology);
            foreach (var finding in findings)
            {
                context.Terminal.Out.WriteLine($"{finding.Severity.ToString().ToLowerInvariant(),-4}  {finding.Subject,-18} {finding.Text}");
            }
            return findings.Any(f => f.Severity == Severity.Fail) ? ExitCodes.Failed : ExitCodes.Ok;
        });
        return command;
    }

    private static async Task<IReadOnlyList<Finding>> LookAsync(CommandContext context, Topology topology)
    {
        var now = TimeProvider.System.GetUtcNow();
        var processes = ProcessTable.Read();
        var data = new DataExam(context.DataDirectory, processes);
        var wires = Composition.Transports();
        var problems = TopologyCheck.Problems(topology, wires, new Anywire.ContractTable(ServiceCatalog.Services.Values), insecure: true).ToList();
        var placed = problems.Count > 0 ? problems.Select(p => Finding.Fail("topology", p)) : [Finding.Ok("topology", $"{topology.Source} can be run")];
        var keys = context.CertificateDirectory ?? context.KeyDirectory;
        var addresses = topology.Instances.SelectMany(i => i.Listen.Concat(i.Call)).ToList();
        return
        [
            .. MachineExam.Look(context.DataDirectory, now),
            .. data.Directory(),
            .. data.Databases(),
            .. placed,
            .. problems.Count > 0 ? [] : Ports(context, topology, wires, processes),
            .. problems.Count == 0 && addresses.Any(e => Wiring.IsSecured(wires.For(e).Traits, e))
                ? CertificateExam.Look(keys, [.. topology.Services.Keys], now, overBroker: addresses.Any(e => wires.For(e).Traits.SharesAddresses))
                : [],
            .. problems.Count > 0 ? [] : await BrokerExam.LookAsync(topology, keys),
        ];
    }

    private static IEnumerable<Finding> Ports(CommandContext context, Topology topology, Anywire.Transports wires, ProcessTable processes)
    {
        // Where a broker listens is not for a service to listen.
        var services =
            from instance in topology.Instances
            from endpoint in instance.Listen
            where endpoint.Port > 0 && !wires.For(endpoint).Traits.SharesAddresses
            from isDatagram in Sockets(endpoint, wires.For(endpoint).Traits)
            select (instance.Name, endpoint.Host, endpoint.Port, IsDatagram: isDatagram);
        var browsers = topology[ServiceCatalog.Web].Instances
            .SelectMany(i => (context.Urls.IsEmpty ? i.Urls.IsEmpty ? [BrowserUrl.Default] : i.Urls : context.Urls).Select(u => (i.Name, Url: u)))
            .Where(u => Uri.TryCreate(u.Url, UriKind.Absolute, out _))
            .Select(u => (u.Name, new Uri(u.Url).Host, new Uri(u.Url).Port, IsDatagram: false));
        return services.Concat(browsers).Where(a => a.Port > 0).Select(a => PortExam.Of(a.Name, a.Host, a.Port, a.IsDatagram, processes)).OfType<Finding>();
    }

    // Whether each of the sockets of an address takes datagrams.
    private static bool[] Sockets(Anywire.Endpoint endpoint, Anywire.TransportTraits traits) =>
        !traits.UsesDatagrams ? [false] : endpoint.Scheme == traits.Scheme ? [false, true] : [true];
}
