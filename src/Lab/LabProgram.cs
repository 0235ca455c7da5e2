using System.Diagnostics;
using Twite.Lab.Processes;
using Twite.Lab.Reports;

namespace Twite.Lab;

/// <summary>What the program's command runs.</summary>
public static class LabProgram
{
    /// <summary>The scenes there are, by key.</summary>
    public static IReadOnlyList<string> Scenes => Comparison.SceneKeys;

    /// <summary>Compares, and writes the report.</summary>
    /// <param name="options">What to compare.</param>
    /// <param name="worker">How to start the program as a worker; each start gets a new one. That program runs <see cref="WorkerLoop"/> on its standard
    /// streams with the same columns.</param>
    /// <param name="observer">Who watches.</param>
    /// <param name="directory">Where the report goes.</param>
    /// <param name="cancellationToken">Ends it early; the report then says what is missing.</param>
    /// <exception cref="IOException">The directory cannot be written to.</exception>
    public static async Task<Report> CompareAsync(
        ComparisonOptions options, Func<ProcessStartInfo> worker, IComparisonObserver observer, string directory, CancellationToken cancellationToken)
    {
        var machine = Machine.This() with { Others = await OthersUse.LookAsync(options.Time, cancellationToken) };
        return await new Comparison(options, machine, new WorkerProcesses(worker), observer).RunAsync(directory, cancellationToken);
    }
}
