namespace Twite.Bench.Sockets;

/// <summary>The knee of an open loop on this machine: the highest rate that is still carried, so that the sends leave on time. Beyond it calls pile up, and
/// latency is as long as one looks. It is well below what a closed loop reaches, whose callers wait for each other and so come in batches.</summary>
internal static class Knee
{
    private const double Lowest = 8_000;
    private const double Step = 1.2;
    private const int Rounds = 3;

    /// <summary>Looks for it from below.</summary>
    /// <exception cref="InvalidOperationException">Not even the lowest rate is carried.</exception>
    public static async Task<double> FindAsync(Contender contender, TcpSettings settings, Results results)
    {
        double? knee = null;
        for (var rate = Lowest; ; rate *= Step)
        {
            var rounds = (await Contenders.RunAsync([contender], new Order("open", Rate: rate, Seconds: settings.Seconds), Rounds))[contender];
            results.Add(contender, $"{rate:N0} a second", rounds);
            if (rounds.Count(static s => s.IsOnTime) * 2 < Rounds)
            {
                break;
            }
            knee = rate;
        }
        results.Say($"{contender.Name}: the knee is at {knee:N0} calls a second");
        return knee ?? throw new InvalidOperationException($"{contender.Name} does not carry {Lowest:N0} calls a second in an open loop.");
    }
}
