using System.Diagnostics;

namespace Twite.Bench;

/// <summary>Measures two things in turns, so that whatever the machine does meanwhile happens to both.</summary>
internal static class Paired
{
    private const int Rounds = 15;

    /// <summary>CPU time of the process per run, medians of the rounds.</summary>
    public static Pair Cpu(Action figure, Action floor, int runs) => Measure(figure, floor, runs, () => Environment.CpuUsage.TotalTime);

    /// <summary>Wall time per run, medians of the rounds.</summary>
    public static Pair Wall(Action figure, Action floor, int runs) => Measure(figure, floor, runs, () => Stopwatch.GetElapsedTime(0));

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    private static Pair Measure(Action figure, Action floor, int runs, Func<TimeSpan> clock)
    {
        // The compiler has done its best after that.
        Run(figure, runs, clock);
        Run(floor, runs, clock);
        var rounds = Enumerable.Range(0, Rounds).Select(_ => (Figure: Run(figure, runs, clock), Floor: Run(floor, runs, clock))).ToList();
        return new Pair(Median(rounds.Select(r => r.Figure)), Median(rounds.Select(r => r.Floor)), Median(rounds.Select(r => r.Figure / r.Floor)));
    }

    private static double Run(Action action, int runs, Func<TimeSpan> clock)
    {
        var started = clock();
        for (var i = 0; i < runs; i++)
        {
            action();
        }
        return (clock() - started).TotalMicroseconds / runs;
    }
}

/// <summary>Microseconds of the figure and of the floor, and the median of the rounds' ratios.</summary>
internal sealed record Pair(double Figure, double Floor, double Ratio)
{
    public void Print(string what, double most) =>
        Console.WriteLine($"  {what,-44} {Figure,9:N1} µs   floor {Floor,8:N1} µs   ratio {Ratio,6:N2}   at most {most} {(Ratio <= most ? "✓" : "✗")}");
}
