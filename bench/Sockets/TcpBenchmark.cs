namespace Twite.Bench.Sockets;

/// <summary>The hot call over TCP in two processes, against grpc-dotnet by itself and against a bare socket, round by round in turns.</summary>
internal static class TcpBenchmark
{
    private const int Rounds = 7;
    private const double Seconds = 1;

    // What the waist's, the transport's and gRPC's own objects may take on each side.
    private const double MostBytes = 512;

    public static async Task RunAsync()
    {
        var keys = Directory.CreateTempSubdirectory("twite-bench-").FullName;
        try
        {
            Subject.MakeKeys(keys);
            await CompareAsync("mutual TLS", ["tcps", "dotnets"], keys, isAsync: false);
            await CompareAsync("no TLS", ["tcp", "dotnet", "floor"], keys, isAsync: false);
            await CompareAsync("mutual TLS, all go async", ["tcps", "dotnets"], keys, isAsync: true);
            await OpenAsync(keys);
            await BesideAsync(keys);
        }
        finally
        {
            Directory.Delete(keys, recursive: true);
        }
    }

    private static async Task CompareAsync(string how, string[] names, string keys, bool isAsync)
    {
        Console.WriteLine($" {how}");
        await using var all = await Contenders.StartAsync(names, keys, isAsync);
        foreach (var callers in isAsync ? [64] : new[] { 1, 64, 256 })
        {
            var samples = await all.RunAsync(new Order("closed", callers, Seconds: Seconds), Rounds);
            foreach (var (name, sample) in samples)
            {
                Console.WriteLine(
                    $"  {callers,4} callers, {name,-8} {sample.Cpu,8:N2} µs CPU {sample.Rate,10:N0}/s   p50 {sample.P50,8:N1} p99 {sample.P99,9:N1} µs   {sample.CallerBytes,6:N0} and {sample.HandlerBytes,6:N0} bytes");
            }
            var (own, grpc) = (samples[names[0]], samples[names[1]]);
            Verdict("CPU", own.Cpu / grpc.Cpu, isAsync ? 1 / 4.0 : callers == 1 ? 1 / 3.0 : 1 / 12.0);
            if (!isAsync && callers == 1)
            {
                Verdict("p50", own.P50 / grpc.P50, 0.5);
            }
            if (!isAsync && callers == 64)
            {
                Verdict("calls per second", grpc.Rate / own.Rate, 1 / 8.0);
                if (samples.TryGetValue("floor", out var floor))
                {
                    Verdict("CPU, of the bare socket's", own.Cpu / floor.Cpu, 3);
                }
                else
                {
                    // On both sides together, as that is how the messages' own are known.
                    Verdict("bytes a side besides messages", (own.CallerBytes + own.HandlerBytes - await all.First.MessageBytesAsync()) / 2, MostBytes);
                }
            }
        }
    }

    private static async Task OpenAsync(string keys)
    {
        Console.WriteLine(" open loop, mutual TLS, at half of what grpc-dotnet does with 64 callers");
        await using var all = await Contenders.StartAsync(["tcps", "dotnets"], keys, isAsync: false);
        var knee = (await all.RunAsync(new Order("closed", 64, Seconds: Seconds), 3))["dotnets"].Rate;
        var samples = await all.RunAsync(new Order("open", Rate: knee / 2, Seconds: Seconds), Rounds);
        foreach (var (name, sample) in samples)
        {
            Console.WriteLine($"  {sample.Rate,8:N0}/s, {name,-8} {sample.Cpu,8:N2} µs CPU   p50 {sample.P50,8:N1} p99 {sample.P99,9:N1} µs");
        }
        Verdict("p99", samples["tcps"].P99 / samples["dotnets"].P99, 1 / 4.0);
    }

    private static async Task BesideAsync(string keys)
    {
        Console.WriteLine(" open loop, mutual TLS, at a tenth of what TCP does with 64 callers: beside others on the same connection");
        await using var all = await Contenders.StartAsync(["tcps"], keys, isAsync: false);
        var knee = (await all.RunAsync(new Order("closed", 64, Seconds: Seconds), 3))["tcps"].Rate;
        Sample? alone = null;
        foreach (var (beside, words) in new[] { ("", "alone"), ("stalled", "a stream that nobody reads"), ("bulk", "answers of 4 MiB back to back") })
        {
            var sample = (await all.RunAsync(new Order("open", Rate: knee / 10, Seconds: Seconds, Beside: beside), Rounds))["tcps"];
            Console.WriteLine($"  {sample.Rate,8:N0}/s, {words,-30} p50 {sample.P50,8:N1} p99 {sample.P99,9:N1} µs");
            alone ??= sample;
            Verdict("p99, of that alone", sample.P99 / alone.P99, 2);
        }
    }

    private static void Verdict(string what, double ratio, double most) =>
        Console.WriteLine($"       {what}: {(most < 1 ? $"1/{1 / ratio:N1}, at most 1/{1 / most:N0}" : $"{ratio:N2}, at most {most:N0}")} {(ratio <= most ? "✓" : "✗")}");
}
