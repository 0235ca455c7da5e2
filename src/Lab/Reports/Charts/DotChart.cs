using System.Globalization;
using System.Text;

namespace Twite.Lab.Reports.Charts;

/// <summary>One dot.</summary>
/// <param name="Class">The class that colours it.</param>
/// <param name="What">What it is: p99.</param>
/// <param name="Median">Where it is.</param>
/// <param name="Min">The smallest of the rounds.</param>
/// <param name="Max">The largest.</param>
internal sealed record Dot(string Class, string What, double Median, double Min, double Max);

/// <summary>One row of dots.</summary>
/// <param name="Name">Whose.</param>
/// <param name="IsFloor">Whether it is a floor.</param>
/// <param name="Dots">From left to right.</param>
internal sealed record DotRow(string Name, bool IsFloor, IReadOnlyList<Dot> Dots);

/// <summary>Dots over a logarithmic axis of microseconds, each on a band from the smallest to the largest of the rounds.</summary>
internal static class DotChart
{
    private const int RowHeight = 44;
    private const int AxisHeight = 22;
    // Room for half a dot and half a label at both ends.
    private const double Margin = 3;

    /// <summary>Draws it.</summary>
    /// <param name="id">Unique in the page.</param>
    /// <param name="title">What it shows.</param>
    /// <param name="rows">The rows, with at least one dot.</param>
    public static string Draw(string id, string title, IReadOnlyList<DotRow> rows)
    {
        var values = rows.SelectMany(r => r.Dots).SelectMany(d => new[] { d.Min, d.Max }).Select(v => Math.Max(v, 0.01)).ToList();
        var (low, high) = ((int)Math.Floor(Math.Log10(values.Min())), (int)Math.Ceiling(Math.Log10(values.Max())));
        high = Math.Max(high, low + 1);
        double At(double value) => Margin + (Math.Log10(Math.Max(value, 0.01)) - low) / (high - low) * (100 - 2 * Margin);

        var svg = new StringBuilder();
        var height = rows.Count * RowHeight;
        Svg.Open(svg, id, height + AxisHeight, title,
            string.Join("; ", rows.Select(r => $"{r.Name}: {string.Join(", ", r.Dots.Select(d => $"{d.What} {Time(d.Median)}"))}")));
        for (var power = low; power <= high; power++)
        {
            var x = Svg.Percent(At(Math.Pow(10, power)));
            svg.Append($"<line class=\"grid\" x1=\"{x}\" x2=\"{x}\" y1=\"20\" y2=\"{height + 4}\"/>")
                .Append($"<text class=\"axis\" x=\"{x}\" y=\"{height + 18}\" text-anchor=\"middle\">{AxisLabel(power)}</text>");
        }
        for (var i = 0; i < rows.Count; i++)
        {
            Draw(svg, rows[i], i * RowHeight, At);
        }
        return svg.Append("</svg>").ToString();
    }

    private static void Draw(StringBuilder svg, DotRow row, int top, Func<double, double> at)
    {
        Svg.Label(svg, top + 15, row.Name, row.IsFloor, row.Dots.Count > 0 ? $"{row.Dots[0].What} {Time(row.Dots[0].Median)}" : "no figure");
        if (row.Dots.Count == 0)
        {
            return;
        }
        svg.Append($"<line class=\"span\" x1=\"{Svg.Percent(at(row.Dots[0].Median))}\" x2=\"{Svg.Percent(at(row.Dots[^1].Median))}\" y1=\"{top + 29}\" y2=\"{top + 29}\"/>");
        foreach (var dot in row.Dots)
        {
            var (from, to) = (at(dot.Min), at(dot.Max));
            svg.Append($"<g class=\"{dot.Class}\">{Svg.Tip($"{row.Name}, {dot.What}: {Time(dot.Median)}, from {Time(dot.Min)} to {Time(dot.Max)} over the rounds")}")
                .Append($"<rect class=\"band\" x=\"{Svg.Percent(from)}\" y=\"{top + 26}\" width=\"{Svg.Percent(to - from)}\" height=\"6\"/>")
                .Append($"<circle cx=\"{Svg.Percent(at(dot.Median))}\" cy=\"{top + 29}\" r=\"5\"/></g>");
        }
    }

    private static string AxisLabel(int power) => power switch
    {
        >= 6 => $"{Math.Pow(10, power - 6):0} s",
        >= 3 => $"{Math.Pow(10, power - 3):0} ms",
        _ => string.Create(CultureInfo.InvariantCulture, $"{Math.Pow(10, power):0.##} µs"),
    };

    private static string Time(double microseconds) => microseconds switch
    {
        >= 1_000_000 => $"{ReportTable.Format(microseconds / 1_000_000)} s",
        >= 1_000 => $"{ReportTable.Format(microseconds / 1_000)} ms",
        _ => $"{ReportTable.Format(microseconds)} µs",
    };
}
