using System.Text;
using Twite.Lab.Reports.Charts;
using Twite.Lab.Rounds;

namespace Twite.Lab.Reports;

/// <summary>The charts of one load: what it costs, and how long it takes.</summary>
internal static class LoadCharts
{
    private static readonly (FigureKind Kind, string Class)[] Parts = [(Figures.CpuClient, "client"), (Figures.CpuServer, "server"), (Figures.CpuBroker, "broker")];
    private static readonly (FigureKind Kind, string Class)[] Percentiles =
        [(Figures.P50, "p50"), (Figures.P90, "p90"), (Figures.P99, "p99"), (Figures.P999, "p999")];

    public static void Append(StringBuilder html, string id, ReportLoad load, IReadOnlyList<ReportColumn> columns)
    {
        var names = columns.ToDictionary(c => c.Key);
        var bars = load.Cells.Where(c => c.Figures.ContainsKey(Figures.Cpu.Key)).Select(c => Bar(names[c.Column], c)).ToList();
        if (bars.Count > 0)
        {
            Figure(html, "CPU for each operation", BarChart.Draw($"{id}-cpu", $"CPU for each operation: {load.Name}", "µs", bars),
                [.. bars.SelectMany(b => b.Parts).Select(p => (p.Class, p.What)).Distinct()]);
        }
        var dots = load.Cells.Where(c => c.Figures.ContainsKey(Figures.P50.Key)).Select(c => new DotRow(
            names[c.Column].Name, names[c.Column].Floor,
            [.. Percentiles.Where(p => c.Figures.ContainsKey(p.Kind.Key)).Select(p => (p, Figure: c.Figures[p.Kind.Key]))
                .Select(p => new Dot(p.p.Class, p.p.Kind.Name, p.Figure.Median, p.Figure.Min, p.Figure.Max))])).ToList();
        if (dots.Count > 0)
        {
            Figure(html, "Latency, on a logarithmic axis", DotChart.Draw($"{id}-latency", $"Latency: {load.Name}", dots),
                [.. dots.SelectMany(d => d.Dots).Select(d => (d.Class, d.What)).Distinct()]);
        }
    }

    private static BarRow Bar(ReportColumn column, ReportCell cell)
    {
        var total = cell.Figures[Figures.Cpu.Key];
        var parts = Parts.Where(p => cell.Figures.ContainsKey(p.Kind.Key)).Select(p => (p.Class, p.Class, cell.Figures[p.Kind.Key].Median)).ToList();
        return new BarRow(
            column.Name, column.Floor, parts.Count > 0 ? parts : [("one", "one process", total.Median)], total.Median, total.Min, total.Max);
    }

    private static void Figure(StringBuilder html, string caption, string chart, IReadOnlyList<(string Class, string What)> legend) => html
        .Append($"<figure><figcaption>{Svg.Text(caption)}<span class=\"legend\">")
        .Append(string.Concat(legend.Select(l => $"<span class=\"key {l.Class}\">{Svg.Text(l.What)}</span>")))
        .Append($"</span></figcaption>{chart}</figure>\n");
}
