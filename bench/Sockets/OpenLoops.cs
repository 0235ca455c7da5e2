namespace Twite.Bench.Sockets;

/// <summary>Open loops: calls sent on time whatever the answers do, latencies from when they were meant to be sent.</summary>
internal static class OpenLoops
{
    // A knee is what this many callers reach.
    private const int Callers = 64;

    /// <summary>All at half of what grpc-dotnet can do.</summary>
    public static async Task RunAsync(Contenders all, TcpSettings settings, Results results)
    {
        if (all.All.FirstOrDefault(static c => c.Name.IsDotnet) is not { } dotnet)
        {
            results.Say("left out: without grpc-dotnet there is no knee");
            return;
        }
        var knee = await KneeAsync(dotnet, settings);
        var samples = await Contenders.RunAsync(
            [.. all.All.Where(static c => !c.Name.IsFloor)], new Order("open", Rate: knee / 2, Seconds: settings.Seconds), settings.Rounds);
        foreach (var (contender, rounds) in samples)
        {
            results.Add(contender, $"{knee / 2:N0} a second", rounds);
        }
        foreach (var (own, rounds) in samples.Where(static s => s.Key.Name.IsOurs))
        {
            void Compare(string what, Func<Sample, double> part, Limit? limit) => results.Compare(
                $"{own.Name}: {what} of {dotnet.Name}'s", "open", rounds, samples[dotnet], part, own.Name.IsHeldToLimits ? limit : null);
            Compare("p50", static s => s.P50, null);
            Compare("p99", static s => s.P99, Limits.OpenP99);
        }
    }

    /// <summary>The calls per second that a subject can do.</summary>
    public static async Task<double> KneeAsync(Contender contender, TcpSettings settings) =>
        Paired.Median((await Contenders.RunAsync([contender], new Order("closed", Callers, Seconds: settings.Seconds), 3))[contender].Select(static s => s.Rate));
}
