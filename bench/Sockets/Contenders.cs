namespace Twite.Bench.Sockets;

/// <summary>Subjects that are measured in turns, so that whatever the machine does meanwhile happens to all.</summary>
internal sealed class Contenders : IAsyncDisposable
{
    private Contenders(IReadOnlyList<Contender> all) => All = all;

    public IReadOnlyList<Contender> All { get; }

    /// <summary>Starts them and has them call until the compiler has done its best.</summary>
    public static async Task<Contenders> StartAsync(IEnumerable<SubjectName> names, string keys, bool isAsync, double warmUp)
    {
        var started = new List<Contender>();
        var contenders = new Contenders(started);
        try
        {
            foreach (var name in names)
            {
                started.Add(await Contender.StartAsync(name, keys, isAsync));
            }
            // In parts: code is compiled anew in the pauses too.
            await contenders.RunAsync(new Order("closed", 64, Seconds: warmUp / 4), 3);
            await contenders.RunAsync(new Order("closed", 1, Seconds: warmUp / 4), 1);
            return contenders;
        }
        catch
        {
            await contenders.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs an order some times with each.</summary>
    public Task<IReadOnlyDictionary<Contender, List<Sample>>> RunAsync(Order order, int rounds) => RunAsync(All, order, rounds);

    /// <summary>Runs an order some times with each of some.</summary>
    public static async Task<IReadOnlyDictionary<Contender, List<Sample>>> RunAsync(IReadOnlyList<Contender> some, Order order, int rounds)
    {
        var samples = some.ToDictionary(c => c, static _ => new List<Sample>());
        for (var round = 0; round < rounds; round++)
        {
            // Who goes first may find the machine in another state.
            foreach (var contender in round % 2 == 0 ? some : some.Reverse())
            {
                samples[contender].Add(await contender.RunAsync(order));
            }
        }
        return samples;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var contender in All)
        {
            await contender.DisposeAsync();
        }
    }
}
