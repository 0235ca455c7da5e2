using System.Text;

namespace Twite.Lab.Reports.Charts;

/// <summary>One row of bars.</summary>
/// <param name="Name">Whose.</param>
/// <param name="IsFloor">Whether it is a floor.</param>
/// <param name="Parts">The bar's parts: the class that colours each, what it is, how much.</param>
/// <param name="Total">The median of the whole.</param>
/// <param name="Min">The smallest.</param>
/// <param name="Max">The largest.</param>
internal sealed record BarRow(string Name, bool IsFloor, IReadOnlyList<(string Class, string What, double Value)> Parts, double Total, double Min, double Max);

/// <summary>Bars from zero, with a whisker from the smallest to the largest of the rounds. Positions across are percentages and sizes of text are not, so that it can be
/// read at any width.</summary>
internal static class BarChart
{
    private const int RowHeight = 44;

    /// <summary>Draws it.</summary>
    /// <param name="id">Unique in the page.</param>
    /// <param name="title">What it shows.</param>
    /// <param name="unit">The unit of the values.</param>
    /// <param name="rows">The rows.</param>
    public static string Draw(string id, string title, string unit, IReadOnlyList<BarRow> rows)
    {
        // One round that went astray should not flatten all bars: its whisker runs out of the drawing, and its tip says how far.
        var most = Math.Min(rows.Max(r => r.Max), 1.5 * rows.Max(r => r.Total));
        var scale = most > 0 ? 100 / most : 0;
        var svg = new StringBuilder();
        Svg.Open(svg, id, rows.Count * RowHeight, title,
            string.Join("; ", rows.Select(r => $"{r.Name}: {ReportTable.Format(r.Total)} {unit}, from {ReportTable.Format(r.Min)} to {ReportTable.Format(r.Max)}")));
        for (var i = 0; i < rows.Count; i++)
        {
            var (row, top) = (rows[i], i * RowHeight);
            Svg.Label(svg, top + 15, row.Name, row.IsFloor, $"{ReportTable.Format(row.Total)} {unit}");
            var left = 0.0;
            foreach (var (style, what, value) in row.Parts)
            {
                svg.Append($"<rect class=\"{(row.IsFloor ? style + " floor" : style)}\" x=\"{Svg.Percent(left)}\" y=\"{top + 22}\" width=\"{Svg.Percent(value * scale)}\" height=\"12\">{Svg.Tip($"{row.Name}, {what}: {ReportTable.Format(value)} {unit}")}</rect>");
                left += value * scale;
            }
            var (from, to) = (Svg.Percent(row.Min * scale), Svg.Percent(Math.Min(row.Max * scale, 100)));
            var end = row.Max * scale > 100 ? "" : $"<line x1=\"{to}\" x2=\"{to}\" y1=\"{top + 24}\" y2=\"{top + 32}\"/>";
            svg.Append($"<g class=\"whisker\">{Svg.Tip($"{row.Name}: {ReportTable.Format(row.Min)} to {ReportTable.Format(row.Max)} {unit} over the rounds")}")
                .Append($"<line x1=\"{from}\" x2=\"{to}\" y1=\"{top + 28}\" y2=\"{top + 28}\"/>")
                .Append($"<line x1=\"{from}\" x2=\"{from}\" y1=\"{top + 24}\" y2=\"{top + 32}\"/>{end}</g>");
        }
        return svg.Append("</svg>").ToString();
    }
}
