namespace Twite.Bench.Sockets;

/// <summary>The knee of an open loop on this machine: the highest rate that is still carried, so that all but a few of the sends leave on time. Beyond it calls pile up, and
/// latency is as long as one looks. It is well below what a closed loop reaches, whose callers wait for each other and so come in batches.</summary>
internal static class Knee
{
    private const double Lowest = 8_000;
    private const double Step = 1.2;
    private const int Rounds = 3;

    // A machine that does something else for a moment makes a hundredth late; once calls pile up most are.
    private const double MostLate = 0.1;

    /// <summary>Looks for it from below.</summary>
    /// <returns>Calls per second; the lowest rate where not even that is carried.</returns>
    public static async Task<double> FindAsync(Contender contender, TcpSettings settings, Results results)
    {
        double? knee = null;
        for (var rate = Lowest; ; rate *= Step)
        {
            var rounds = (await Contenders.RunAsync([contender], new Order("open", Rate: rate, Seconds: settings.Seconds), Rounds))[contender];
            results.Add(contender, $"{rate:N0} a second", rounds);
            if (Paired.Median(rounds.Select(static s => s.Late)) > MostLate)
            {
                break;
            }
            knee = rate;
        }
        results.Say(knee is null ? $"{contender.Name}: not even {Lowest:N0} calls a second are carried" : $"{contender.Name}: the knee is at {knee:N0} calls a second");
        return knee ?? Lowest;
    }
}
