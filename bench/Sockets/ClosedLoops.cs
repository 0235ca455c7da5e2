namespace Twite.Bench.Sockets;

/// <summary>Closed loops of some numbers of callers: CPU, throughput, and what a call allocates.</summary>
internal static class ClosedLoops
{
    public static async Task RunAsync(Contenders all, TcpSettings settings, Results results, IEnumerable<int> callers, bool isAsync)
    {
        foreach (var count in callers)
        {
            var load = count == 1 ? "1 caller" : $"{count} callers";
            var samples = await all.RunAsync(new Order("closed", count, Seconds: settings.Seconds), settings.Rounds);
            foreach (var (contender, rounds) in samples)
            {
                results.Add(contender, load, rounds);
            }
            foreach (var (own, rounds) in samples.Where(static s => s.Key.Name.IsOurs))
            {
                void Compare(string what, Contender other, Func<Sample, double> part, Limit? limit) => results.Compare(
                    $"{own.Name}: {what} of {other.Name}'s", load, rounds.Zip(samples[other], (o, s) => part(o) / part(s)), limit);
                foreach (var other in all.All.Where(static c => c.Name.IsDotnet))
                {
                    Compare("CPU", other, static s => s.Cpu, Limits.Cpu(count, isAsync));
                    Compare("calls per second", other, static s => s.Rate, Limits.Rate(count, own.Name.IsSecured, isAsync));
                    Compare("p50", other, static s => s.P50, Limits.P50(count, isAsync));
                }
                foreach (var other in all.All.Where(static c => c.Name.IsFloor))
                {
                    Compare("CPU", other, static s => s.Cpu, Limits.CpuOfFloor(count, own.Name.IsSecured));
                }
                results.Compare($"{own.Name}: caller's bytes besides messages", load, rounds.Select(s => s.CallerBytes - own.CallerMessages), Limits.Bytes);
                results.Compare($"{own.Name}: handler's bytes besides messages", load, rounds.Select(s => s.HandlerBytes - own.HandlerMessages), Limits.Bytes);
            }
        }
    }
}
