using System.Text;

namespace Twite.Lab.Reports;

/// <summary>The report as Markdown.</summary>
internal static class MarkdownReport
{
    public static string Write(Report report)
    {
        var text = new StringBuilder();
        text.Append("# What a wire costs\n\n").Append(ReportWords.Summary(report)).Append("\n\n");
        if (report.Incompleteness is { } missing)
        {
            text.Append("**This report is not complete.** ").Append(missing).Append("\n\n");
        }
        if (ReportWords.Busy(report) is { } busy)
        {
            text.Append("**").Append(busy).Append("**\n\n");
        }
        text.Append("## Columns\n\n| column | address | secured | processes | |\n|---|---|---|---|---|\n");
        foreach (var column in report.Columns)
        {
            text.Append($"| {Cell(column.Name)} | {(column.Address is { } address ? $"`{address}`" : "")} | {ReportWords.Secured(column)} | {column.Processes} | {Cell(column.Note ?? "")} |\n");
        }
        foreach (var scene in report.Scenes)
        {
            text.Append($"\n## {scene.Name}\n\n{scene.About}\n");
            foreach (var load in scene.Loads)
            {
                Append(text, ReportTable.Of(load, report.Columns));
            }
        }
        text.Append("\n## How to read it\n\n");
        foreach (var note in ReportWords.Notes(report))
        {
            text.Append($"- {note}\n");
        }
        return text.ToString();
    }

    private static void Append(StringBuilder text, ReportTable table)
    {
        text.Append($"\n### {table.Name}\n\n| | {string.Join(" | ", table.Headers)} |\n|---|{string.Concat(table.Headers.Select(_ => "---:|"))}\n");
        foreach (var row in table.Rows)
        {
            text.Append($"| {Cell(row.Column)} | {string.Join(" | ", row.Numbers.Select(n => n is null ? "" : n.Spread is null ? n.Median : $"{n.Median} ({n.Spread})"))} |\n");
        }
        foreach (var row in table.Rows.Where(r => r.Remark is not null))
        {
            text.Append($"\n{row.Column}: {row.Remark}\n");
        }
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" ");
}
