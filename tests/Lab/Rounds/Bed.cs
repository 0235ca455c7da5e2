using Twite.Lab.Processes;
using Twite.Lab.Reports;
using Twite.Lab.Tests.Wires;

namespace Twite.Lab.Tests.Rounds;

/// <summary>A comparison of fake wires in this process, with a directory that is removed afterwards.</summary>
internal sealed class Bed : IDisposable, IComparisonObserver
{
    private readonly DirectoryInfo _directory = System.IO.Directory.CreateTempSubdirectory("twite-lab-tests-");

    /// <summary>Where the report goes.</summary>
    public string Directory => _directory.FullName;

    /// <summary>What was begun, in order.</summary>
    public List<string> Begun { get; } = [];

    /// <summary>Called when something begins.</summary>
    public Action<string> OnBegin { get; init; } = _ => { };

    /// <summary>Short, since nothing here depends on the machine.</summary>
    public static Plan Short { get; } = new()
    {
        Rounds = 3,
        Measurement = TimeSpan.FromMilliseconds(200),
        WarmUp = TimeSpan.FromMilliseconds(100),
        Callers = [1],
        KneeShares = [],
        CommonRate = 100,
        EventSenders = 1,
        // Others may keep this machine busy; that a late generator is refused is tested on a simulated clock.
        LateAfter = TimeSpan.FromMinutes(1),
    };

    /// <summary>How long and how often.</summary>
    public Plan Plan { get; init; } = Short;

    /// <summary>Where the report says it was measured.</summary>
    public Machine Machine { get; init; } = Machine.This() with { Others = new OthersUse(0.02, "a test says so") };

    /// <summary>Compares in this process.</summary>
    public async Task<Report> RunAsync(string scene, IReadOnlyList<Column> columns, FakeWire? wire = null, CancellationToken cancellationToken = default)
    {
        var workers = new LocalWorkers(columns, name => wire is null ? TimeSpan.Zero : name.Split(' ')[^1] switch
        {
            "server" => wire.ServerCpu,
            "broker" => wire.BrokerCpu,
            _ => wire.ClientCpu,
        });
        var report = await RunAsync(scene, columns, workers, cancellationToken);
        Assert.Equal((0, columns.Count(c => c.HasBroker)), (workers.Running, workers.EndedBrokers));
        return report;
    }

    /// <summary>Compares.</summary>
    public Task<Report> RunAsync(string scene, IReadOnlyList<Column> columns, IWorkers workers, CancellationToken cancellationToken) =>
        new Comparison(
            new ComparisonOptions { Columns = columns, Scenes = [scene], Plan = Plan, Seed = 141, Version = "0.0.0" }, Machine, workers, this).RunAsync(Directory, cancellationToken);

    /// <summary>One cell of a report.</summary>
    public static ReportCell Cell(Report report, string load, string column = "fake") =>
        report.Scenes.Single().Loads.Single(l => l.Key == load).Cells.Single(c => c.Column == column);

    /// <summary>One file of the report.</summary>
    public string Read(string file) => File.ReadAllText(Path.Combine(Directory, file));

    public void Begins(string what, int done, int all)
    {
        Begun.Add(what);
        OnBegin(what);
    }

    public void Measured(MeasuredLoad measured) => Assert.NotEmpty(measured.Load.Cells);

    public void Dispose() => _directory.Delete(recursive: true);
}
