namespace Twite.Bench.Sockets;

/// <summary>A figure over some rounds.</summary>
internal sealed record Spread(double Median, double Lowest, double Highest)
{
    public static Spread Of(IEnumerable<double> rounds)
    {
        var all = rounds.ToList();
        return new Spread(Paired.Median(all), all.Min(), all.Max());
    }
}
