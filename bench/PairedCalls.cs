using System.Diagnostics;

namespace Twite.Bench;

/// <summary>Measures two ways of making a call in turns, with some callers at once: CPU of this process, which is both sides, and wall time.</summary>
internal static class PairedCalls
{
    private const int Rounds = 10;

    /// <summary>Runs both and prints their medians.</summary>
    /// <param name="who">What is printed before the figures.</param>
    /// <param name="callers">How many call at once, each its next call when it has its answer.</param>
    /// <param name="calls">Calls in a round, over all callers.</param>
    /// <param name="figure">The call that is measured.</param>
    /// <param name="floor">What it is compared with.</param>
    /// <param name="most">What the ratio of CPU is held to.</param>
    /// <param name="broker">The CPU time of what stands between both sides, which counts too; null: nothing does.</param>
    /// <param name="mostWall">What the ratio of wall time is held to; null: it is not printed.</param>
    public static async Task CompareAsync(string who, int callers, int calls, Func<Task> figure, Func<Task> floor, double most, double? mostWall = null, Func<TimeSpan>? broker = null)
    {
        // The compiler has done its best after that.
        for (var i = 0; i < 3; i++)
        {
            await RunAsync(callers, calls, figure, broker);
            await RunAsync(callers, calls, floor, broker);
        }
        var rounds = new List<(Sample Figure, Sample Floor)>();
        for (var i = 0; i < Rounds; i++)
        {
            // Who goes first may find the machine in another state.
            if (i % 2 == 0)
            {
                var first = await RunAsync(callers, calls, figure, broker);
                rounds.Add((first, await RunAsync(callers, calls, floor, broker)));
            }
            else
            {
                var first = await RunAsync(callers, calls, floor, broker);
                rounds.Add((await RunAsync(callers, calls, figure, broker), first));
            }
        }
        Pair Of(Func<Sample, double> part) => new(
            Paired.Median(rounds.Select(r => part(r.Figure))), Paired.Median(rounds.Select(r => part(r.Floor))),
            Paired.Median(rounds.Select(r => part(r.Figure) / part(r.Floor))));
        who = $"{callers} {(callers == 1 ? "caller" : "callers")}, {who}";
        if (broker is not null)
        {
            Of(s => s.Cpu + s.Broker).Print($"{who}: CPU with the broker's", most);
        }
        Of(s => s.Cpu).Print($"{who}: CPU", most);
        if (mostWall is { } wall)
        {
            Of(s => s.Wall).Print($"{who}: wall", wall);
        }
    }

    private static async Task<Sample> RunAsync(int callers, int calls, Func<Task> call, Func<TimeSpan>? broker)
    {
        var (cpu, brokers, started) = (Environment.CpuUsage.TotalTime, broker?.Invoke() ?? default, Stopwatch.GetTimestamp());
        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < calls / callers; i++)
            {
                await call();
            }
        })));
        var wall = Stopwatch.GetElapsedTime(started);
        return new Sample((Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / calls, wall.TotalMicroseconds / calls, ((broker?.Invoke() ?? default) - brokers).TotalMicroseconds / calls);
    }

    /// <summary>Microseconds per call.</summary>
    private sealed record Sample(double Cpu, double Wall, double Broker);
}
