using Twite.Messages;
using Twite.Storage;

namespace Twite.Bench.Messages;

/// <summary>What a home timeline costs over the rows it shows.</summary>
internal static class TimelineBenchmark
{
    private const int Messages = 1_000_000;
    private const int Runs = 100;

    private static readonly Window Newest = new(long.MaxValue, 0, OldestFirst: false, 50);

    public static async Task RunAsync()
    {
        await using var network = await Network.OpenAsync(Messages, searchable: true);
        Compare(network, Network.Followed, Newest).Print("50 newest of 200 followed", 3);
        Compare(network, Network.Silent, Newest).Print("of five who fell silent long ago", 12);
        var middle = network.Database.Read(c => c.FindInt64("SELECT id FROM messages ORDER BY id LIMIT 1 OFFSET ?1", Messages / 2)!.Value);
        Compare(network, Network.Followed, Newest with { Below = middle }).Print("a page half-way down", 12);
        var many = Enumerable.Range(1, 7_500).Select(i => (long)i).ToArray();
        Compare(network, many, Newest).Print("of 7,500 followed (no target; contract's most)", double.PositiveInfinity);
        Compare(network, many, Newest with { Below = middle }).Print("of 7,500 followed, half-way down", double.PositiveInfinity);
        await CompareAfterRestartAsync(network);
    }

    public static Pair Compare(Network network, long[] authors, Window window)
    {
        var ids = IdsOf(network, authors, window);
        if (ids.Length != window.Limit)
        {
            throw new InvalidOperationException($"The page has {ids.Length} messages.");
        }
        return Paired.Cpu(() => network.Timeline.ListByAuthors(authors, window, CancellationToken.None), () => FetchByKey(network.Database, ids), Runs);
    }

    private static async Task CompareAfterRestartAsync(Network network)
    {
        var ids = IdsOf(network, Network.Followed, Newest);
        var floor = Paired.Cpu(() => FetchByKey(network.Database, ids), () => FetchByKey(network.Database, ids), Runs).Floor;
        await network.DisposeAsync();
        var first = new List<double>();
        for (var i = 0; i < 7; i++)
        {
            await using var restarted = await Network.OpenAsync(Messages, searchable: true);
            GC.Collect();
            var started = Environment.CpuUsage.TotalTime;
            restarted.Timeline.ListByAuthors(Network.Followed, Newest, CancellationToken.None);
            first.Add((Environment.CpuUsage.TotalTime - started).TotalMicroseconds);
        }
        var median = Paired.Median(first);
        new Pair(median, floor, median / floor).Print("the first page after a restart", 12);
    }

    private static long[] IdsOf(Network network, long[] authors, Window window) =>
        [.. network.Timeline.ListByAuthors(authors, window, CancellationToken.None).Messages.Select(m => m.Id)];

    private static void FetchByKey(Database database, long[] ids) => database.Read(connection =>
    {
        var length = 0;
        foreach (var id in ids)
        {
            using var row = connection.Query("SELECT id, author_id, author_name, text FROM messages WHERE id = ?1", id);
            row.Read();
            length += (int)(row.GetInt64(0) & 1) + (int)row.GetInt64(1) + row.GetString(2).Length + row.GetString(3).Length;
        }
        return length;
    });
}
