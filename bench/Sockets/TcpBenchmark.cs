namespace Twite.Bench.Sockets;

/// <summary>The hot call over TCP in two processes, against grpc-dotnet by itself and against a bare socket, round by round in turns.</summary>
internal static class TcpBenchmark
{
    public static async Task RunAsync(IReadOnlyList<string> options)
    {
        if (options is ["--help"])
        {
            Console.WriteLine(TcpSettings.Help);
            return;
        }
        var settings = TcpSettings.Parse(options);
        var results = new Results(settings);
        var keys = Directory.CreateTempSubdirectory("twite-bench-").FullName;
        try
        {
            Subject.MakeKeys(keys);
            var groups = settings.Subjects.GroupBy(static s => s.IsSecured).OrderByDescending(static g => g.Key).ToList();
            foreach (var group in groups)
            {
                // Open loops run once: with mutual TLS, unless no subject has it.
                await RunAsync(group.Key ? "mutual TLS" : "no TLS", [.. group], keys, settings, results, isFirst: group == groups[0]);
            }
            await results.WriteAsync();
        }
        finally
        {
            Directory.Delete(keys, recursive: true);
        }
    }

    private static async Task RunAsync(string how, IReadOnlyList<SubjectName> names, string keys, TcpSettings settings, Results results, bool isFirst)
    {
        bool Asked(string part) => settings.Parts.Contains(part);
        string Share(string share) => settings.Rate is null ? share : "a rate that was asked for";
        if (Asked(TcpSettings.Closed) || (isFirst && (Asked(TcpSettings.Open) || Asked(TcpSettings.Beside))))
        {
            await using var all = await Contenders.StartAsync(names, keys, isAsync: false, settings.WarmUp);
            if (Asked(TcpSettings.Closed))
            {
                results.Part = $"{how}, closed loops";
                await ClosedLoops.RunAsync(all, settings, results, settings.Callers, isAsync: false);
            }
            if (isFirst && Asked(TcpSettings.Open))
            {
                results.Part = $"{how}, open loop at {Share("half of grpc-dotnet's knee")}";
                await OpenLoops.RunAsync(all, settings, results);
            }
            if (isFirst && Asked(TcpSettings.Beside))
            {
                results.Part = $"{how}, open loop at {Share("a tenth of the knee")}, one connection";
                foreach (var own in all.All.Where(static c => c.Name.IsOurs))
                {
                    await SharedConnection.RunAsync(own, keys, settings, results);
                }
            }
        }
        if (Asked(TcpSettings.Async))
        {
            await using var yielding = await Contenders.StartAsync(names.Where(static n => !n.IsFloor), keys, isAsync: true, settings.WarmUp);
            results.Part = $"{how}, handlers and callers go async";
            await ClosedLoops.RunAsync(yielding, settings, results, settings.Callers.Contains(64) ? [64] : settings.Callers, isAsync: true);
        }
    }
}
