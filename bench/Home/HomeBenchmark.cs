namespace Twite.Bench.Home;

/// <summary>What taking the network apart costs a page: the CPU of all processes for somebody's home page, over the same in one process.</summary>
internal static class HomeBenchmark
{
    private const int Followed = 50;
    private const int Messages = 500;
    private const int Rounds = 9;
    private const int Warm = 3_000;
    private const int Pages = 1_000;
    private const int AtOnce = 8;

    // The wire of every boundary; the empty one is a single process.
    private static readonly string[] Wires = ["", "https://127.0.0.1:{0}", "https://127.0.0.1:{0}?codec=protobuf", "grpcs://127.0.0.1:{0}"];

    public static async Task RunAsync()
    {
        var directory = Directory.CreateTempSubdirectory("twite-bench-home-");
        List<ProgramProcesses> networks = [];
        try
        {
            var data = await SeedAsync(directory.FullName);
            foreach (var (number, wire) in Wires.Index())
            {
                networks.Add(await ProgramProcesses.StartAsync(Path.Combine(directory.FullName, $"{number}"), data, wire));
            }
            var people = new List<Person>();
            foreach (var network in networks)
            {
                people.Add(await Person.LogInAsync(network.Url));
                await people[^1].ReadHomeAsync(Warm, AtOnce);
            }
            var rounds = new List<double[]>();
            for (var round = 0; round < Rounds; round++)
            {
                var costs = new double[networks.Count];
                foreach (var (number, network) in networks.Index())
                {
                    var before = network.Cpu();
                    await people[number].ReadHomeAsync(Pages, AtOnce);
                    costs[number] = (network.Cpu() - before).TotalMicroseconds / Pages;
                }
                rounds.Add(costs);
            }
            foreach (var (number, wire) in Wires.Index().Skip(1))
            {
                new Pair(
                    Paired.Median(rounds.Select(r => r[number])), Paired.Median(rounds.Select(r => r[0])), Paired.Median(rounds.Select(r => r[number] / r[0])))
                    .Print($"home page over {wire.Replace("://127.0.0.1:{0}", "", StringComparison.Ordinal)}", 3);
            }
        }
        finally
        {
            foreach (var network in networks)
            {
                await network.DisposeAsync();
            }
            directory.Delete(recursive: true);
        }
    }

    private static async Task<string> SeedAsync(string directory)
    {
        var (data, graph, messages) = (Path.Combine(directory, "data"), Path.Combine(directory, "graph.txt"), Path.Combine(directory, "messages.txt"));
        await File.WriteAllLinesAsync(graph, Enumerable.Range(1, Followed).SelectMany(i => new[] { $"{Person.Name} u{i}", $"u{i} {Person.Name}" }));
        await File.WriteAllLinesAsync(messages, Enumerable.Range(1, Messages).Select(i => $"Message number {i}, with something in it for @u{i % Followed} to answer."));
        await ProgramProcesses.RunAsync(Person.Password, "admin", "create-account", Person.Name, "--password-stdin", "--data", data);
        await ProgramProcesses.RunAsync("", "seed", "--graph", graph, "--messages", messages, "--data", data);
        return data;
    }
}
