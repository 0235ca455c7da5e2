using System.Globalization;
using Twite.Lab.Rounds;

namespace Twite.Lab.Reports;

/// <summary>One load of a scene as a table: a row for each column, in the same numbers for terminal, Markdown and HTML. Immutable.</summary>
/// <param name="Name">What it shows.</param>
/// <param name="Headers">Over the figures.</param>
/// <param name="Rows">The columns.</param>
public sealed record ReportTable(string Name, IReadOnlyList<string> Headers, IReadOnlyList<ReportRow> Rows)
{
    /// <summary>The table of one load.</summary>
    /// <param name="load">The load.</param>
    /// <param name="columns">What the columns are called.</param>
    public static ReportTable Of(ReportLoad load, IReadOnlyList<ReportColumn> columns)
    {
        var kinds = Figures.All.Where(k => load.Cells.Any(c => c.Figures.ContainsKey(k.Key))).ToList();
        var rows = load.Cells.Select(cell => new ReportRow(
            columns.Single(c => c.Key == cell.Column).Name,
            columns.Single(c => c.Key == cell.Column).Floor,
            Remark(cell),
            [.. kinds.Select(k => cell.Figures.TryGetValue(k.Key, out var figure) ? new ReportNumber(Format(figure.Median), Spread(figure)) : null)]));
        return new ReportTable(load.Name, [.. kinds.Select(k => k.Unit is "" or "1/s" ? k.Name : $"{k.Name} ({k.Unit})")], [.. rows]);
    }

    /// <summary>A number to three digits, large ones with thousands apart.</summary>
    internal static string Format(double value) => Math.Abs(value) switch
    {
        0 => "0",
        >= 100 => Math.Round(value).ToString("N0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.0", CultureInfo.InvariantCulture),
        >= 0.01 => value.ToString("0.00", CultureInfo.InvariantCulture),
        _ => value.ToString("0.####", CultureInfo.InvariantCulture),
    };

    private static string? Spread(ReportFigure figure)
    {
        var (min, max) = (Format(figure.Min), Format(figure.Max));
        return figure.Rounds.Count < 2 || (min == max && min == Format(figure.Median)) ? null : $"{min}–{max}";
    }

    private static string? Remark(ReportCell cell)
    {
        if (cell.Refusal is not null)
        {
            return $"No figure. {cell.Refusal}";
        }
        var refused = cell.RefusedRounds > 0 ? $"{cell.RefusedRounds} of {cell.Rounds} rounds gave no figure: the lab's generator was the bottleneck. " : "";
        return (refused + (cell.FirstFailure is { } failure ? $"The first failure: {failure}" : "")).Trim() is { Length: > 0 } remark ? remark : null;
    }
}

/// <summary>One column's figures.</summary>
/// <param name="Column">Its name.</param>
/// <param name="IsFloor">Whether it is a floor.</param>
/// <param name="Remark">A sentence about them; null: none.</param>
/// <param name="Numbers">Under the headers; null where there is no figure.</param>
public sealed record ReportRow(string Column, bool IsFloor, string? Remark, IReadOnlyList<ReportNumber?> Numbers);

/// <summary>One figure.</summary>
/// <param name="Median">The median of the rounds.</param>
/// <param name="Spread">The smallest and the largest; null when they are the same.</param>
public sealed record ReportNumber(string Median, string? Spread);
