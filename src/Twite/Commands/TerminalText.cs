using System.Globalization;
using Spectre.Console;

namespace Twite.Commands;

/// <summary>What services and their senders left, on an operator's terminal.</summary>
internal static class TerminalText
{
    /// <summary>A text that anybody may have written, without the control characters that a terminal obeys.</summary>
    public static string Shown(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c));

    /// <summary>A time, to the second.</summary>
    public static string Of(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Adds texts that anybody may have written to a table.</summary>
    public static void AddRow(Table table, IEnumerable<string> cells) => table.AddRow([.. cells.Select(cell => Markup.Escape(Shown(cell)))]);
}
