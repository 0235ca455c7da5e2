using System.Globalization;
using System.Text;
using Anywire;
using Twite.Brokers;

namespace Twite.Topologies;

/// <summary>A topology as a Mermaid flowchart (mermaid.js.org), which GitHub and others draw within Markdown.</summary>
internal static class MermaidChart
{
    private const string Replies = "-->";

    /// <summary>Draws it: a box for each instance, around those that share a process or a broker a frame; a thin arrow for calls that are answered, a thick one for
    /// events that come at least once, a dotted one for what may get lost.</summary>
    public static string Of(Topology topology, Transports wires, ContractTable contracts)
    {
        var chart = new StringBuilder("flowchart LR\n");
        foreach (var frame in topology.Services.Values.GroupBy(s => FrameOf(s, wires)).OrderBy(f => f.Key is null))
        {
            if (frame.Key is { } around)
            {
                chart.Append(CultureInfo.InvariantCulture, $"  subgraph {around.Id} [{around.Title}]\n");
            }
            foreach (var service in frame)
            {
                Draw(chart, service, around: frame.Key);
            }
            if (frame.Key is not null)
            {
                chart.Append("  end\n");
            }
        }
        var edges = new EdgeWires(topology, wires, contracts);
        foreach (var (caller, callee) in ServiceCatalog.Edges.Where(e => e.Caller != ServiceCatalog.Admin))
        {
            var wire = edges.TraitsOf(caller, callee).Name;
            foreach (var delivery in edges.Methods(caller, callee).Select(c => c.Delivery).Distinct().Order())
            {
                chart.Append(CultureInfo.InvariantCulture, $"  {caller} {Arrow(delivery)}|{wire}| {callee}\n");
            }
        }
        return chart.ToString();
    }

    // What all who are in it have in common; null for a service that stands by itself.
    private static Frame? FrameOf(PlacedService service, Transports wires)
    {
        var first = service.Call.First();
        return !wires.For(first).Traits.NeedsCredentials ? new Frame("process", "one process", "")
            : BrokerSite.Of(first) is { } broker ? new Frame(broker.Kind.Program, $"\"{broker}\"", broker.Address)
            : null;
    }

    private static void Draw(StringBuilder chart, PlacedService service, Frame? around)
    {
        // A broker's address stands on its frame.
        var places = service.Instances.Select(i => string.Join("<br>", i.Listen.Where(e => around is not { Address.Length: > 0 } || BrokerSite.Of(e)?.Address != around.Address)));
        // A stack of boxes stands for replicas.
        var (open, close) = service.Instances.Length > 1 ? ("@{ shape: procs, label: ", " }") : ("[", "]");
        var label = string.Join("<br>", places.Where(p => p.Length > 0).Prepend(service.Name));
        chart.Append(CultureInfo.InvariantCulture, $"{(around is null ? "  " : "    ")}{service.Name}{open}\"{label}\"{close}\n");
    }

    private static string Arrow(Delivery delivery) => delivery switch
    {
        Delivery.AtLeastOnce => "==>",
        Delivery.BestEffort => "-.->",
        _ => Replies,
    };

    private sealed record Frame(string Id, string Title, string Address);
}
