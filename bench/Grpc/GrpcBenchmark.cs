using System.Diagnostics;
using Twite.Contracts;

namespace Twite.Bench.Grpc;

/// <summary>What Anywire adds to a call by gRPC: deadline from the contract, allowed callers, size limits, admission, retry. The plain call sets the
/// same deadline, as any real client would.</summary>
internal static class GrpcBenchmark
{
    private const int Rounds = 10;
    private const double Most = 1.15;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(3);
    private static readonly VerifySessionRequest Request = new() { Token = new string('t', 32) };

    public static async Task RunAsync()
    {
        foreach (var secured in new[] { true, false })
        {
            await using var bed = await GrpcBed.OpenAsync(secured);
            foreach (var callers in new[] { 1, 64 })
            {
                await CompareAsync(bed, callers, secured ? "mutual TLS" : "no TLS");
            }
        }
    }

    private static async Task CompareAsync(GrpcBed bed, int callers, string wire)
    {
        var calls = callers == 1 ? 3_000 : 30_000;
        async Task<Sample> Anywire() => await RunAsync(callers, calls, async () => await bed.Anywire.VerifySessionAsync(Request));
        async Task<Sample> Plain() => await RunAsync(callers, calls, async () =>
            await bed.Plain.VerifySessionAsync(Request, deadline: TimeProvider.System.GetUtcNow().UtcDateTime + Deadline));

        // The compiler has done its best after that.
        for (var i = 0; i < 3; i++)
        {
            await Anywire();
            await Plain();
        }
        var rounds = new List<(Sample Anywire, Sample Plain)>();
        for (var i = 0; i < Rounds; i++)
        {
            // Who goes first may find the machine in another state.
            rounds.Add(i % 2 == 0 ? (await Anywire(), await Plain()) : Swap(await Plain(), await Anywire()));
        }
        Pair Of(Func<Sample, double> part) => new(
            Paired.Median(rounds.Select(r => part(r.Anywire))), Paired.Median(rounds.Select(r => part(r.Plain))),
            Paired.Median(rounds.Select(r => part(r.Anywire) / part(r.Plain))));
        var who = $"{callers} {(callers == 1 ? "caller" : "callers")}, {wire}";
        Of(s => s.Cpu).Print($"{who}: CPU of both sides", Most);
        Of(s => s.Wall).Print($"{who}: wall", Most);
    }

    private static (Sample Anywire, Sample Plain) Swap(Sample plain, Sample anywire) => (anywire, plain);

    private static async Task<Sample> RunAsync(int callers, int calls, Func<Task> call)
    {
        var (cpu, started) = (Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < calls / callers; i++)
            {
                await call();
            }
        })));
        var wall = Stopwatch.GetElapsedTime(started);
        return new Sample((Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / calls, wall.TotalMicroseconds / calls);
    }

    /// <summary>Microseconds per call.</summary>
    private sealed record Sample(double Cpu, double Wall);
}
