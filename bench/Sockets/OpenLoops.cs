namespace Twite.Bench.Sockets;

/// <summary>Open loops: calls sent on time whatever the answers do, latencies from when they were meant to be sent.</summary>
internal static class OpenLoops
{
    /// <summary>All at half of grpc-dotnet's knee.</summary>
    public static async Task RunAsync(Contenders all, TcpSettings settings, Results results)
    {
        if (all.All.FirstOrDefault(static c => c.Name.IsDotnet) is not { } dotnet)
        {
            results.Say("left out: without grpc-dotnet there is no knee");
            return;
        }
        var rate = settings.Rate ?? await Knee.FindAsync(dotnet, settings, results) / 2;
        var samples = await Contenders.RunAsync(
            all.All, new Order("open", Rate: rate, Seconds: settings.Seconds), settings.Rounds);
        foreach (var (contender, rounds) in samples)
        {
            results.Add(contender, $"{rate:N0} a second", rounds);
        }
        foreach (var (own, rounds) in samples.Where(static s => s.Key.Name.IsOurs))
        {
            void Compare(string what, Func<Sample, double> part) => results.Compare(
                $"{own.Name}: {what} of {dotnet.Name}'s", "open", rounds, samples[dotnet], part, limit: null);
            Compare("p50", static s => s.P50);
            Compare("p99", static s => s.P99);
            if (all.All.FirstOrDefault(static c => c.Name.IsFloor) is { } floor)
            {
                // What a bare socket does not do either is the machine's.
                results.Judge($"{own.Name}: p99 of {floor.Name}'s", "open", [.. rounds.Zip(samples[floor], static (r, f) => r.P99 / f.P99)], limit: null);
            }
            // Whatever holds the other's sender up is left out of the other's and not of its own: the ratio is then never better than it is.
            results.Judge(
                $"{own.Name}: p99 of {dotnet.Name}'s from when it was sent", "open",
                [.. rounds.Zip(samples[dotnet], static (r, o) => r.P99 / o.SentP99)], own.Name.IsHeldToLimits ? Limits.OpenP99 : null);
        }
    }
}
