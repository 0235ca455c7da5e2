using System.CommandLine;
using Anywire;
using Spectre.Console;
using Twite.Topologies;

namespace Twite.Commands;

/// <summary><c>twite topology</c>: checks a topology and draws it.</summary>
internal static class TopologyCommand
{
    public static Command Create(ProgramOptions options, CommandRunner runner)
    {
        var topology = new Argument<string>("NAME|FILE")
        {
            Description = options.Topology.Description,
            DefaultValueFactory = _ => "monolith",
        };
        var mermaid = new Option<bool>("--mermaid") { Description = "Draws it as a Mermaid flowchart, to be pasted into Markdown." };
        var command = new TaughtCommand("topology", "Checks a topology and shows it: who, where, which wire, which guarantees, which bounds.")
        {
            Examples =
            [
                ("twite topology grpc", "one that comes with Twite"),
                ("twite topology grpc --mermaid", "the same as a picture, for a page in Markdown"),
                ("twite topology my.json", "a file of one's own; every mistake is named, and the exit code is 2"),
            ],
        };
        command.Arguments.Add(topology);
        command.Options.Add(options.Insecure);
        command.Options.Add(mermaid);
        runner.Handle(command, quiet: true, (context, _) => Task.FromResult(
            Show(context, TopologyFile.Load(context.Parsed.GetRequiredValue(topology)), context.Parsed.GetValue(options.Insecure), context.Parsed.GetValue(mermaid))));
        return command;
    }

    private static int Show(CommandContext context, Topology topology, bool insecure, bool mermaid)
    {
        var wires = Composition.Transports();
        var contracts = new ContractTable(ServiceCatalog.Services.Values);
        var problems = TopologyCheck.Problems(topology, wires, contracts, insecure).ToList();
        if (problems.Count > 0)
        {
            problems.ForEach(context.Terminal.Error.WriteLine);
            return ExitCodes.Usage;
        }
        if (mermaid)
        {
            context.Terminal.Out.Write(MermaidChart.Of(topology, wires, contracts));
            return ExitCodes.Ok;
        }
        context.Terminal.Drawing.Write(Services(topology, wires, contracts));
        context.Terminal.Drawing.Write(Edges(new EdgeWires(topology, wires, contracts)));
        return ExitCodes.Ok;
    }

    private static Table Services(Topology topology, Transports wires, ContractTable contracts)
    {
        var limits = new ServerLimits();
        var table = Plain().AddColumns("service", "listens at", "called at", "wire", "secured", "bounds");
        foreach (var service in topology.Services.Values)
        {
            foreach (var (instance, endpoint) in service.Instances.SelectMany(i => i.Listen.Select(e => (i, e))))
            {
                var traits = wires.For(endpoint).Traits;
                table.AddRow(
                    instance.Name, Markup.Escape(endpoint.ToString()), Markup.Escape(instance.Call.SequenceEqual(instance.Listen) ? "" : string.Join(", ", instance.Call)), traits.Name,
                    endpoint.Scheme != traits.Scheme ? "no" : traits.Security,
                    $"{limits.MaxConcurrentCalls:N0} calls, messages of {Math.Min(traits.MaxMessageBytes, Largest(contracts, service.Name)):N0} B, {limits.BestEffortQueue:N0} best-effort waiting");
            }
        }
        return table;
    }

    private static Table Edges(EdgeWires edges)
    {
        var table = Plain().AddColumns("caller", "calls", "over", "reply", "at least once", "best effort");
        foreach (var (caller, callee) in ServiceCatalog.Edges)
        {
            var methods = edges.Methods(caller, callee).ToLookup(c => c.Delivery);
            var traits = edges.TraitsOf(caller, callee);
            table.AddRow(
                caller, callee, traits.Name,
                Count(methods[Delivery.Reply]),
                methods[Delivery.AtLeastOnce].Any() ? $"{Names(methods[Delivery.AtLeastOnce])} ({(traits.AtLeastOnce == Acknowledgement.Handled ? "the answer means handled" : "accepted, confirmed later")})" : "",
                Names(methods[Delivery.BestEffort]));
        }
        return table;
    }

    private static int Largest(ContractTable contracts, string service) =>
        contracts.Of(ServiceCatalog.Services[service]).Max(c => Math.Max(c.MaxRequestBytes, c.ReturnsEmpty ? 0 : c.MaxReplyBytes));

    private static string Count(IEnumerable<MethodContract> methods) => methods.Count() switch
    {
        0 => "",
        1 => "1 method",
        var count => $"{count} methods",
    };

    private static string Names(IEnumerable<MethodContract> methods) => string.Join(", ", methods.Select(m => m.FullName[(m.FullName.LastIndexOf('/') + 1)..]));

    private static Table Plain() => new Table().Border(TableBorder.Simple);
}
