namespace Twite.Bench.Sockets;

/// <summary>Closed loops of some numbers of callers: CPU, throughput, and what a call allocates.</summary>
internal static class ClosedLoops
{
    public static async Task RunAsync(Contenders all, TcpSettings settings, Results results, IEnumerable<int> callers, bool isAsync)
    {
        results.Say($"the loop itself takes {await all.All[0].LoopCpuAsync(settings.Seconds):N2} µs of CPU of each call, whoever carries it, and is part of all figures");
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
                Limit? Held(Limit? limit) => own.Name.IsHeldToLimits ? limit : null;
                void Compare(string what, Contender other, Func<Sample, double> part, Limit? limit) => results.Compare(
                    $"{own.Name}: {what} of {other.Name}'s", load, rounds, samples[other], part, Held(limit));
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
                // A handler that goes async has an object of its own for that.
                var bytes = Held(isAsync ? null : Limits.Bytes);
                results.Judge($"{own.Name}: caller's bytes besides messages", load, [.. rounds.Select(s => s.CallerBytes - own.CallerMessages)], bytes);
                results.Judge($"{own.Name}: handler's bytes besides messages", load, [.. rounds.Select(s => s.HandlerBytes - own.HandlerMessages)], bytes);
            }
        }
    }
}
