using System.Globalization;
using System.Net;
using System.Text;

namespace Twite.Lab.Reports.Charts;

/// <summary>What every chart has.</summary>
internal static class Svg
{
    /// <summary>Begins a drawing that says what it shows to who cannot see it.</summary>
    public static void Open(StringBuilder svg, string id, int height, string title, string description) => svg
        .Append($"<svg role=\"img\" aria-labelledby=\"{id}-t {id}-d\" width=\"100%\" height=\"{height}\">")
        .Append($"<title id=\"{id}-t\">{Text(title)}</title><desc id=\"{id}-d\">{Text(description)}</desc>");

    /// <summary>The line over a row: whose it is, and its value at the right.</summary>
    public static void Label(StringBuilder svg, int y, string name, bool isFloor, string value) => svg
        .Append($"<text class=\"name{(isFloor ? " of-floor" : "")}\" x=\"0\" y=\"{y}\">{Text(name)}</text>")
        .Append($"<text class=\"value\" x=\"100%\" y=\"{y}\" text-anchor=\"end\">{Text(value)}</text>");

    /// <summary>What shows under the pointer.</summary>
    public static string Tip(string text) => $"<title>{Text(text)}</title>";

    /// <summary>A position across.</summary>
    public static string Percent(double value) => value.ToString("0.##", CultureInfo.InvariantCulture) + "%";

    /// <summary>Text that cannot be taken for markup.</summary>
    public static string Text(string text) => WebUtility.HtmlEncode(text);
}
