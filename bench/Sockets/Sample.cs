namespace Twite.Bench.Sockets;

/// <summary>One round of one subject, of both its processes together; times in microseconds.</summary>
/// <param name="Cpu">Per call.</param>
/// <param name="Rate">Calls per second.</param>
/// <param name="P50">Half of the calls took at most that.</param>
/// <param name="P99">All but a hundredth.</param>
/// <param name="CallerBytes">What the caller's side allocated per call.</param>
/// <param name="HandlerBytes">What the handler's side did.</param>
internal sealed record Sample(double Cpu, double Rate, double P50, double P99, double CallerBytes, double HandlerBytes)
{
    /// <summary>The medians of some rounds.</summary>
    public static Sample Median(IReadOnlyList<Sample> rounds)
    {
        double Of(Func<Sample, double> part) => Paired.Median(rounds.Select(part));
        return new Sample(Of(s => s.Cpu), Of(s => s.Rate), Of(s => s.P50), Of(s => s.P99), Of(s => s.CallerBytes), Of(s => s.HandlerBytes));
    }
}
