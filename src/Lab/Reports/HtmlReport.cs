using System.Text;
using Twite.Lab.Reports.Charts;

namespace Twite.Lab.Reports;

/// <summary>The report as one page that needs nothing else: no script, no font, no picture from elsewhere.</summary>
internal static class HtmlReport
{
    public static string Write(Report report)
    {
        var html = new StringBuilder();
        html.Append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>")
            .Append("<meta name=\"color-scheme\" content=\"light dark\"/><title>What a wire costs: Twite's lab</title><style>\n")
            .Append(Stylesheet()).Append("</style></head>\n<body>\n<header><h1>What a wire costs</h1>")
            .Append($"<p>{Svg.Text(ReportWords.Summary(report))}</p>");
        if (report.Incompleteness is { } missing)
        {
            html.Append($"<p class=\"missing\" role=\"note\"><strong>This report is not complete.</strong> {Svg.Text(missing)}</p>");
        }
        if (ReportWords.Busy(report) is { } busy)
        {
            html.Append($"<p class=\"missing\" role=\"note\">{Svg.Text(busy)}</p>");
        }
        html.Append($"<nav aria-label=\"Parts\">{string.Concat(report.Scenes.Select(s => $"<a href=\"#{s.Key}\">{Svg.Text(s.Name)}</a>"))}<a href=\"#columns\">The columns</a><a href=\"#notes\">How to read it</a></nav></header>\n<main>\n");
        foreach (var scene in report.Scenes)
        {
            Append(html, scene, report.Columns);
        }
        AppendColumns(html, report.Columns);
        html.Append($"<section id=\"notes\"><h2>How to read it</h2><ul>{string.Concat(ReportWords.Notes(report).Select(n => $"<li>{Svg.Text(n)}</li>"))}</ul></section>\n");
        return html.Append("</main></body></html>\n").ToString();
    }

    private static void Append(StringBuilder html, ReportScene scene, IReadOnlyList<ReportColumn> columns)
    {
        html.Append($"<section id=\"{scene.Key}\"><h2>{Svg.Text(scene.Name)}</h2><p>{Svg.Text(scene.About)}</p>\n");
        foreach (var load in scene.Loads)
        {
            html.Append($"<section class=\"load\"><h3>{Svg.Text(load.Name)}</h3>\n");
            if (load.Cells.Any(c => c.Figures.Count > 0))
            {
                html.Append("<div class=\"charts\">");
                LoadCharts.Append(html, $"{scene.Key}-{load.Key}", load, columns);
                html.Append("</div>\n");
            }
            Append(html, ReportTable.Of(load, columns));
            html.Append("</section>\n");
        }
        html.Append("</section>\n");
    }

    private static void Append(StringBuilder html, ReportTable table)
    {
        html.Append($"<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"{Svg.Text(table.Name)}\"><table><caption>{Svg.Text(table.Name)}</caption><thead><tr><td></td>")
            .Append(string.Concat(table.Headers.Select(h => $"<th scope=\"col\">{Svg.Text(h)}</th>"))).Append("</tr></thead><tbody>\n");
        foreach (var row in table.Rows)
        {
            html.Append($"<tr{(row.IsFloor ? " class=\"of-floor\"" : "")}><th scope=\"row\">{Svg.Text(row.Column)}</th>")
                .Append(string.Concat(row.Numbers.Select(n => n is null ? "<td></td>" : $"<td>{n.Median}{(n.Spread is null ? "" : $"<small>{n.Spread}</small>")}</td>"))).Append("</tr>\n");
        }
        html.Append("</tbody></table></div>\n");
        var remarks = table.Rows.Where(r => r.Remark is not null).ToList();
        if (remarks.Count > 0)
        {
            html.Append($"<ul class=\"remarks\">{string.Concat(remarks.Select(r => $"<li><strong>{Svg.Text(r.Column)}</strong>: {Svg.Text(r.Remark!)}</li>"))}</ul>\n");
        }
    }

    private static void AppendColumns(StringBuilder html, IReadOnlyList<ReportColumn> columns)
    {
        html.Append("<section id=\"columns\"><h2>The columns</h2><div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"The columns\"><table class=\"words\"><thead><tr><td></td><th scope=\"col\">address</th><th scope=\"col\">secured</th><th scope=\"col\">processes</th><th scope=\"col\"></th></tr></thead><tbody>\n");
        foreach (var column in columns)
        {
            html.Append($"<tr><th scope=\"row\">{Svg.Text(column.Name)}</th><td>{(column.Address is { } address ? $"<code>{Svg.Text(address)}</code>" : "")}</td><td>{ReportWords.Secured(column)}</td><td>{column.Processes}</td><td>{Svg.Text(column.Note ?? "")}</td></tr>\n");
        }
        html.Append("</tbody></table></div></section>\n");
    }

    private static string Stylesheet()
    {
        using var css = new StreamReader(typeof(HtmlReport).Assembly.GetManifestResourceStream("report.css")!);
        return css.ReadToEnd();
    }
}
