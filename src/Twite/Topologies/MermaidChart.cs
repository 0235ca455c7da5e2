using System.Globalization;
using System.Text;
using Anywire;

namespace Twite.Topologies;

/// <summary>A topology as a Mermaid flowchart (mermaid.js.org), which GitHub and others draw within Markdown.</summary>
internal static class MermaidChart
{
    private const string Replies = "-->";

    /// <summary>Draws it: a box for each instance, around those that share a process a frame; a thin arrow for calls that are answered, a thick one for
    /// events that come at least once, a dotted one for what may get lost.</summary>
    public static string Of(Topology topology, Transports wires, ContractTable contracts)
    {
        var chart = new StringBuilder("flowchart LR\n");
        var inProcess = topology.Services.Values.ToLookup(s => !wires.For(s.Call.First()).Traits.NeedsCredentials);
        if (inProcess[true].Any())
        {
            chart.Append("  subgraph process [one process]\n");
            foreach (var service in inProcess[true])
            {
                Draw(chart, service, "    ");
            }
            chart.Append("  end\n");
        }
        foreach (var service in inProcess[false])
        {
            Draw(chart, service, "  ");
        }
        foreach (var (caller, callee) in ServiceCatalog.Edges.Where(e => e.Caller != ServiceCatalog.Admin))
        {
            var wire = wires.For(topology[callee].Call.First()).Traits.Name;
            foreach (var delivery in TopologyCheck.CallableBy(caller, callee, contracts).Select(c => c.Delivery).Distinct().Order())
            {
                chart.Append(CultureInfo.InvariantCulture, $"  {caller} {Arrow(delivery)}|{wire}| {callee}\n");
            }
        }
        return chart.ToString();
    }

    private static void Draw(StringBuilder chart, PlacedService service, string indent)
    {
        var places = service.Instances.Select(i => string.Join("<br>", i.Listen));
        // A stack of boxes stands for replicas.
        var (open, close) = service.Instances.Length > 1 ? ("@{ shape: procs, label: ", " }") : ("[", "]");
        chart.Append(CultureInfo.InvariantCulture, $"{indent}{service.Name}{open}\"{service.Name}<br>{string.Join("<br>", places)}\"{close}\n");
    }

    private static string Arrow(Delivery delivery) => delivery switch
    {
        Delivery.AtLeastOnce => "==>",
        Delivery.BestEffort => "-.->",
        _ => Replies,
    };
}
