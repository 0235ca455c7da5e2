using System.Globalization;
using System.Text.RegularExpressions;

namespace Twite.Processes.Telemetry;

/// <summary>One line of what Prometheus is told.</summary>
/// <param name="Labels">What it is about.</param>
/// <param name="Value">The number.</param>
internal sealed record Sample(IReadOnlyDictionary<string, string> Labels, double Value)
{
    /// <summary>The method that calls were of; empty when it is about no calls.</summary>
    public string Method => Labels.GetValueOrDefault("rpc_method", "");

    /// <summary>Whether a label has a value.</summary>
    public bool Is(string label, string value) => Labels.GetValueOrDefault(label) == value;
}

/// <summary>Reads Prometheus' text format.</summary>
internal static partial class PrometheusText
{
    /// <summary>The samples of one metric.</summary>
    public static IReadOnlyList<Sample> Read(string text, string metric) =>
    [
        .. text.Split('\n').Where(l => l.StartsWith(metric + "{", StringComparison.Ordinal)).Select(line =>
        {
            var end = line.LastIndexOf('}');
            return new Sample(
                Label().Matches(line[..end]).ToDictionary(m => m.Groups["name"].Value, m => m.Groups["value"].Value, StringComparer.Ordinal),
                double.Parse(line[(end + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], CultureInfo.InvariantCulture));
        }),
    ];

    [GeneratedRegex("(?<name>[a-z_]+)=\"(?<value>[^\"]*)\"", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Label();
}
