using System.Collections.Immutable;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Twite.Lab.Load;
using Twite.Lab.Rounds;

namespace Twite.Lab.Reports;

/// <summary>A report as files: <c>report.json</c>, <c>report.md</c>, <c>report.html</c>, and the raw histograms.</summary>
internal static class ReportFiles
{
    private static readonly ImmutableArray<string> Names = ["report.json", "report.md", "report.html"];

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        // The file is no part of a page.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Makes the directory, and sees that a report can be written there.</summary>
    /// <exception cref="IOException">It cannot.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not.</exception>
    public static void Prepare(string directory)
    {
        Directory.CreateDirectory(directory);
        foreach (var file in Names)
        {
            // Whoever may not write it is told before an hour has passed. An earlier report stays until there is another.
            File.Open(Path.Combine(directory, file), FileMode.Append).Dispose();
        }
    }

    /// <summary>Writes all of them; those of an earlier report in the same directory are replaced.</summary>
    public static void Write(Report report, IEnumerable<(string File, IReadOnlyList<Sample> Samples)> histograms, string directory)
    {
        foreach (var (file, samples) in histograms)
        {
            var path = Path.Combine(directory, file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            WriteLog(path, samples);
        }
        foreach (var (file, text) in Names.Zip([ToJson(report), MarkdownReport.Write(report), HtmlReport.Write(report)]))
        {
            File.WriteAllText(Path.Combine(directory, file), text);
        }
    }

    /// <summary>The report as JSON.</summary>
    public static string ToJson(Report report) => JsonSerializer.Serialize(report, Format) + "\n";

    // HdrHistogram's log format (version 1.3): one line a round, in nanoseconds. The library's own writer writes it in UTF-16, which no other reads.
    private static void WriteLog(string path, IReadOnlyList<Sample> samples)
    {
        using var log = File.CreateText(path);
        var started = samples[0].From.ToUnixTimeMilliseconds() / 1_000.0;
        log.Write(string.Create(CultureInfo.InvariantCulture,
            $"#[Histogram log format version 1.3]\n#[StartTime: {started:F3} (seconds since epoch), {samples[0].From:O}]\n"));
        log.Write("\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n");
        foreach (var sample in samples)
        {
            var (from, seconds) = (sample.From.ToUnixTimeMilliseconds() / 1_000.0, (sample.Until - sample.From).TotalSeconds);
            log.Write(string.Create(CultureInfo.InvariantCulture,
                $"{from:F3},{seconds:F3},{Latencies.Decode(sample.Latencies!).Max / 1_000:F3},{Convert.ToBase64String(sample.Latencies!)}\n"));
        }
    }
}
