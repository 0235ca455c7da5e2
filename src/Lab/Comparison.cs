using Twite.Lab.Call;
using Twite.Lab.Event;
using Twite.Lab.Processes;
using Twite.Lab.Reports;
using Twite.Lab.Rounds;
using Twite.Lab.Screen;

namespace Twite.Lab;

/// <summary>What to compare. Immutable.</summary>
public sealed record ComparisonOptions
{
    /// <summary>The columns, in the order of the report.</summary>
    public required IReadOnlyList<Column> Columns { get; init; }

    /// <summary>The scenes' keys.</summary>
    public required IReadOnlyList<string> Scenes { get; init; }

    /// <summary>How long and how often.</summary>
    public required Plan Plan { get; init; }

    /// <summary>Of the order of columns in each round and of the sessions.</summary>
    public required long Seed { get; init; }

    /// <summary>What the report calls the program.</summary>
    public required string Version { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>Who watches a comparison. Called by one thread at a time.</summary>
public interface IComparisonObserver
{
    /// <summary>Something begins.</summary>
    /// <param name="what">What, in a few words.</param>
    /// <param name="done">Measurements done.</param>
    /// <param name="all">All measurements of the comparison.</param>
    void Begins(string what, int done, int all);

    /// <summary>One more measurement has ended.</summary>
    void Measured(MeasuredLoad measured);
}

/// <summary>What is known by now of one load.</summary>
/// <param name="Load">The load.</param>
/// <param name="Columns">What its columns are called.</param>
public sealed record MeasuredLoad(ReportLoad Load, IReadOnlyList<ReportColumn> Columns);

/// <summary>Runs scenes over columns, in interleaved rounds: whatever the machine does meanwhile happens to all columns.</summary>
internal sealed class Comparison(ComparisonOptions options, Machine machine, IWorkers workers, IComparisonObserver observer)
{
    private readonly IReadOnlyList<ReportColumn> _columns =
        [.. options.Columns.Select(c => new ReportColumn(c.Key, c.Name, c.Address, c.IsSecured, c.Floor is not null, c.Processes, c.Note))];

    private readonly List<SceneRecord> _records = [];
    private int _done;
    private int _all;

    /// <summary>The scenes there are.</summary>
    public static IReadOnlyList<string> SceneKeys { get; } = ["call", "event", "screen"];

    /// <summary>Measures everything, or what can be until it is cancelled, and writes the report.</summary>
    /// <param name="directory">Where the report goes; made when it does not exist.</param>
    /// <param name="cancellationToken">Ends it early: the report then says so.</param>
    public async Task<Report> RunAsync(string directory, CancellationToken cancellationToken)
    {
        var (startedAt, started) = (options.Time.GetUtcNow(), options.Time.GetTimestamp());
        // A mistake in the name should not cost the minutes of a comparison.
        ReportFiles.Prepare(directory);
        var folder = Directory.CreateTempSubdirectory("twite-lab-").FullName;
        var stopped = false;
        try
        {
            var setting = new Setting(options.Plan, workers, options.Seed, folder, options.Time);
            await MakeKeysAsync(setting, cancellationToken);
            var scenes = Scenes(setting).Where(s => options.Scenes.Contains(s.Key)).ToList();
            _all = scenes.Sum(s => options.Columns.Where(s.Suits).Sum(c => s.Loads.Count(l => l.Suits(c))) * options.Plan.Rounds);
            foreach (var scene in scenes)
            {
                await RunAsync(scene, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            stopped = true;
        }
        finally
        {
            Remove(folder);
        }
        var missing = _records.SelectMany(r => r.Failures).ToList();
        if (stopped)
        {
            missing.Insert(0, $"It was stopped after {_done} of {_all} measurements.");
        }
        var report = new Report
        {
            Complete = missing.Count == 0,
            Incompleteness = missing.Count == 0 ? null : string.Join(' ', missing),
            StartedAt = startedAt,
            Seconds = options.Time.GetElapsedTime(started).TotalSeconds,
            Version = options.Version,
            Machine = machine,
            Settings = new ReportSettings(
                options.Plan.IsQuick, options.Plan.Rounds, options.Seed, options.Plan.Measurement.TotalSeconds, options.Plan.Screen.TotalSeconds,
                options.Plan.WarmUp.TotalSeconds, options.Plan.LateAfter.TotalMilliseconds, Sample.MostLate),
            Columns = _columns,
            Scenes = [.. _records.Select(r => r.Summarize())],
        };
        ReportFiles.Write(report, _records.SelectMany(r => r.Histograms), directory);
        return report;
    }

    private static void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A worker that had to be ended may have left something; the report is worth more than a clean temporary directory.
        }
    }

    private async Task MakeKeysAsync(Setting setting, CancellationToken cancellationToken)
    {
        if (options.Columns.Any(c => c.IsSecured))
        {
            await using var maker = workers.Start("the keys' maker");
            await maker.AskAsync<Done>(new MakeKeys(setting.Keys), cancellationToken);
        }
    }

    private static IReadOnlyList<IScene> Scenes(Setting setting) => [new CallScene(setting), new EventScene(setting), new ScreenScene(setting)];

    private async Task RunAsync(IScene scene, CancellationToken cancellationToken)
    {
        var record = new SceneRecord(scene, options.Columns);
        _records.Add(record);
        var stages = new Dictionary<Column, IStage>();
        try
        {
            foreach (var column in options.Columns.Where(scene.Suits))
            {
                observer.Begins($"{scene.Key}: {column.Name} warms up", _done, _all);
                await TryAsync(record, column, async () => stages.Add(column, await scene.OpenAsync(column, cancellationToken)), cancellationToken);
            }
            // The same seed gives the same order again.
            var random = new Random(unchecked((int)(options.Seed ^ (options.Seed >> 32))));
            for (var round = 1; round <= options.Plan.Rounds; round++)
            {
                foreach (var load in scene.Loads)
                {
                    await MeasureAsync(scene, record, stages, load, random, round, cancellationToken);
                }
            }
        }
        finally
        {
            foreach (var stage in stages.Values)
            {
                await stage.DisposeAsync();
            }
        }
    }

    private async Task MeasureAsync(
        IScene scene, SceneRecord record, Dictionary<Column, IStage> stages, LoadPoint load, Random random, int round, CancellationToken cancellationToken)
    {
        var order = stages.Keys.Where(load.Suits).ToArray();
        random.Shuffle(order);
        foreach (var column in order.Where(c => !record.HasFailed(c)))
        {
            observer.Begins($"{scene.Key}, round {round} of {options.Plan.Rounds}, {load.Name}: {column.Name}", _done, _all);
            await TryAsync(
                record, column, async () => record.Add(load, column, await stages[column].MeasureAsync(load, cancellationToken)), cancellationToken);
            _done++;
            observer.Measured(new MeasuredLoad(record.Summarize().Loads.Single(l => l.Key == load.Key), _columns));
        }
    }

    // A column that fails must not cost the others.
    private static async Task TryAsync(SceneRecord record, Column column, Func<Task> work, CancellationToken cancellationToken)
    {
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            await work();
        }
        catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            record.Fail(column, error.Message);
        }
    }
}
