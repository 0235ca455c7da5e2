using System.Text.Encodings.Web;
using System.Text.Json;
using HdrHistogram;
using Twite.Lab.Load;
using Twite.Lab.Rounds;

namespace Twite.Lab.Reports;

/// <summary>A report as files: <c>report.json</c>, <c>report.md</c>, <c>report.html</c>, and the raw histograms.</summary>
internal static class ReportFiles
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        // The file is no part of a page.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes all of them; those of an earlier report in the same directory are replaced.</summary>
    public static void Write(Report report, IEnumerable<(string File, IReadOnlyList<Sample> Samples)> histograms, string directory)
    {
        foreach (var (file, samples) in histograms)
        {
            var path = Path.Combine(directory, file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            WriteLog(path, samples);
        }
        File.WriteAllText(Path.Combine(directory, "report.json"), ToJson(report));
        File.WriteAllText(Path.Combine(directory, "report.md"), MarkdownReport.Write(report));
        File.WriteAllText(Path.Combine(directory, "report.html"), HtmlReport.Write(report));
    }

    /// <summary>The report as JSON.</summary>
    public static string ToJson(Report report) => JsonSerializer.Serialize(report, Format) + "\n";

    // HdrHistogram's log format: one line a round, in nanoseconds; its viewers read it.
    private static void WriteLog(string path, IReadOnlyList<Sample> samples)
    {
        using var file = File.Create(path);
        using var log = new HistogramLogWriter(file);
        log.Write(samples[0].From.UtcDateTime, [.. samples.Select(s => Latencies.Decode(s.Latencies!).Stamped(s.From, s.Until))]);
    }
}
