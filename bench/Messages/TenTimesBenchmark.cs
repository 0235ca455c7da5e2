using Twite.Messages;

namespace Twite.Bench.Messages;

/// <summary>What ten times the messages cost a home timeline.</summary>
internal static class TenTimesBenchmark
{
    public static async Task RunAsync()
    {
        await using var one = await Network.OpenAsync(1_000_000, searchable: true);
        await using var ten = await Network.OpenAsync(10_000_000, searchable: false);
        var newest = new Window(long.MaxValue, 0, OldestFirst: false, 50);
        Paired.Cpu(() => ten.Timeline.ListByAuthors(Network.Followed, newest, CancellationToken.None), () => one.Timeline.ListByAuthors(Network.Followed, newest, CancellationToken.None), 100)
            .Print("50 newest of 200 followed, 10,000,000 : 1,000,000", 1.3);
    }
}
