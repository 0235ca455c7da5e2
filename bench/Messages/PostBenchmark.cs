using System.Diagnostics;

namespace Twite.Bench.Messages;

/// <summary>What a post costs over the transaction it is, and what sharing commits gives.</summary>
internal static class PostBenchmark
{
    private const int Rounds = 11;
    private const int Writers = 64;
    private const string Text = "Eleven finches on the wire this morning, and one of them sings. #finches";

    private static readonly TimeSpan Round = TimeSpan.FromSeconds(1);
    private static readonly byte[] Body = new byte[130];

    public static async Task RunAsync()
    {
        var directory = Directory.CreateTempSubdirectory("twite-bench-post-").FullName;
        try
        {
            await using var bed = await PostBed.StartAsync(Path.Combine(directory, "service"));
            await using var bareDatabase = await Network.OpenDatabaseAsync(Path.Combine(directory, "bare"));
            using var connection = bareDatabase.OpenBare();
            var bare = new BarePost(connection);
            var client = bed.Client();
            await LoneAsync(bed, client);
            var rounds = new List<(double Bare, double Lone)>();
            for (var i = 0; i < Rounds; i++)
            {
                bed.Renew();
                rounds.Add((await OnThreadOfItsOwn(() => Bare(bare)), await LoneAsync(bed, client)));
                await bed.DrainAsync();
            }
            var floor = Paired.Median(rounds.Select(r => r.Bare));
            var lone = Paired.Median(rounds.Select(r => r.Lone));
            new Pair(lone, floor, Paired.Median(rounds.Select(r => r.Lone / r.Bare))).Print("a lone post, wall time", 1.5);

            var shared = new List<(double Lone, double Many)>();
            for (var i = 0; i < Rounds; i++)
            {
                bed.Renew();
                shared.Add((await LoneAsync(bed, client), await ManyAsync(bed, client)));
                await bed.DrainAsync();
            }
            var many = Paired.Median(shared.Select(r => r.Many));
            var gain = Paired.Median(shared.Select(r => r.Lone / r.Many));
            Console.WriteLine($"  {Writers} writers {1e6 / many,9:N0} posts/s   lone {1e6 / Paired.Median(shared.Select(r => r.Lone)),8:N0} posts/s   {gain:N1} times   at least 5 {(gain >= 5 ? "✓" : "✗")}");
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    // As the service's writer has one: the pool takes its time with threads that block.
    private static Task<double> OnThreadOfItsOwn(Func<double> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static double Bare(BarePost bare)
    {
        var (started, posts) = (Stopwatch.GetTimestamp(), 0);
        for (; Stopwatch.GetElapsedTime(started) < Round; posts++)
        {
            bare.Post(Text, Body);
        }
        return Stopwatch.GetElapsedTime(started).TotalMicroseconds / posts;
    }

    /// <summary>One writer.</summary>
    /// <returns>Microseconds per post.</returns>
    public static async Task<double> LoneAsync(PostBed bed, Contracts.MessagesService.MessagesServiceClient client)
    {
        var (started, posts) = (Stopwatch.GetTimestamp(), 0);
        for (; Stopwatch.GetElapsedTime(started) < Round; posts++)
        {
            await bed.PostAsync(client, Text);
        }
        return Stopwatch.GetElapsedTime(started).TotalMicroseconds / posts;
    }

    /// <summary>64 writers.</summary>
    /// <returns>Microseconds per post.</returns>
    public static async Task<double> ManyAsync(PostBed bed, Contracts.MessagesService.MessagesServiceClient client)
    {
        var started = Stopwatch.GetTimestamp();
        var posts = await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => Task.Run(async () =>
        {
            var mine = 0;
            for (; Stopwatch.GetElapsedTime(started) < Round; mine++)
            {
                await bed.PostAsync(client, Text);
            }
            return mine;
        })));
        return Stopwatch.GetElapsedTime(started).TotalMicroseconds / posts.Sum();
    }
}
