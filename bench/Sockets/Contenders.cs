namespace Twite.Bench.Sockets;

/// <summary>Subjects that are measured in turns, so that whatever the machine does meanwhile happens to all.</summary>
internal sealed class Contenders(IReadOnlyList<Contender> all) : IAsyncDisposable
{
    /// <summary>Before anything counts the compiler has done its best.</summary>
    private static readonly Order WarmUp = new("closed", 64, Seconds: 1);

    public Contender First => all[0];

    public static async Task<Contenders> StartAsync(IEnumerable<string> names, string keys, bool isAsync)
    {
        var started = new List<Contender>();
        foreach (var name in names)
        {
            started.Add(await Contender.StartAsync(name, keys, isAsync));
        }
        var all = new Contenders(started);
        await all.RunAsync(WarmUp, 3);
        return all;
    }

    /// <summary>Runs an order some times with each.</summary>
    public async Task<Dictionary<string, Sample>> RunAsync(Order order, int rounds)
    {
        var samples = all.ToDictionary(c => c.Name, static _ => new List<Sample>(), StringComparer.Ordinal);
        for (var round = 0; round < rounds; round++)
        {
            // Who goes first may find the machine in another state.
            foreach (var contender in round % 2 == 0 ? all : all.Reverse())
            {
                samples[contender.Name].Add(await contender.RunAsync(order));
            }
        }
        return samples.ToDictionary(s => s.Key, static s => Sample.Median(s.Value), StringComparer.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var contender in all)
        {
            await contender.DisposeAsync();
        }
    }
}
