using Twite.Lab.Reports;

namespace Twite.Lab.Rounds;

/// <summary>The samples of one scene, as they come in. For one thread.</summary>
internal sealed class SceneRecord(IScene scene, IReadOnlyList<Column> columns)
{
    private readonly Dictionary<(string Load, string Column), List<Sample>> _samples = [];
    private readonly Dictionary<string, string> _failures = new(StringComparer.Ordinal);

    /// <summary>Adds one.</summary>
    public void Add(LoadPoint load, Column column, Sample sample)
    {
        if (!_samples.TryGetValue((load.Key, column.Key), out var samples))
        {
            _samples.Add((load.Key, column.Key), samples = []);
        }
        samples.Add(sample);
    }

    /// <summary>Notes that a column cannot go on.</summary>
    public void Fail(Column column, string reason) => _failures.TryAdd(column.Key, reason);

    /// <summary>Whether a column has failed.</summary>
    public bool HasFailed(Column column) => _failures.ContainsKey(column.Key);

    /// <summary>Why columns failed, a sentence each.</summary>
    public IEnumerable<string> Failures => _failures.Select(f => $"{scene.Key} over {f.Key} failed: {f.Value}");

    /// <summary>The samples that have histograms, by the name of their file.</summary>
    public IEnumerable<(string File, IReadOnlyList<Sample> Samples)> Histograms =>
        _samples.Select(s => (FileOf(s.Key.Load, s.Key.Column), (IReadOnlyList<Sample>)[.. s.Value.Where(v => v.Latencies is not null)])).Where(f => f.Item2.Count > 0);

    /// <summary>What is known so far.</summary>
    public ReportScene Summarize() => new(scene.Key, scene.Name, scene.About, [.. scene.Loads.Select(load => new ReportLoad(
        load.Key, load.Name, load.Loss, [.. columns.Where(c => scene.Suits(c) && load.Suits(c)).Select(column => Summarize(load, column))])).Where(l => l.Cells.Count > 0)]);

    private ReportCell Summarize(LoadPoint load, Column column)
    {
        var samples = _samples.GetValueOrDefault((load.Key, column.Key)) ?? [];
        var refused = samples.Where(s => s.Refusal is not null).ToList();
        var failure = _failures.GetValueOrDefault(column.Key);
        // What was refused in half of the rounds is no figure of the others either.
        var refusal = failure ?? (samples.Count == 0 ? "It has not been measured." : refused.Count * 2 >= samples.Count ? refused[^1].Refusal : null);
        return new ReportCell(
            column.Key, samples.Count, refused.Count, refusal,
            samples.Select(s => s.FirstFailure).FirstOrDefault(f => f is not null),
            refusal is null ? Medians(samples) : new Dictionary<string, ReportFigure>(),
            samples.Any(s => s.Latencies is not null) ? FileOf(load.Key, column.Key) : null);
    }

    // What some rounds lack is left out: medians of different rounds could contradict each other, such as a p99.9 below the p99.
    private static Dictionary<string, ReportFigure> Medians(List<Sample> samples) => Figures.All
        .Select(kind => (Kind: kind, Values: samples.Where(s => s.Figures.ContainsKey(kind.Key)).Select(s => s.Figures[kind.Key]).ToList()))
        .Where(f => f.Values.Count > 0 && f.Values.Count == samples.Count(s => s.Refusal is null))
        .ToDictionary(f => f.Kind.Key, f => new ReportFigure(f.Kind.Unit, Median(f.Values), f.Values.Min(), f.Values.Max(), f.Values));

    private static double Median(List<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
    }

    private string FileOf(string load, string column) => $"histograms/{scene.Key}.{load}.{column}.hlog";
}
