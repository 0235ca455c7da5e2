using Npgsql;
using Twite.Contracts;
using Twite.Messages;
using Twite.Postgres;
using Twite.Storage;

namespace Twite.Bench.Messages;

/// <summary>The same on PostgreSQL and on SQLite, in turns. The server is on this machine and makes its commits durable, as the file does.</summary>
internal static class PostgresBenchmark
{
    private const int Messages = 100_000;
    private const int Rounds = 7;

    public static async Task RunAsync()
    {
        var directory = Directory.CreateTempSubdirectory("twite-bench-postgres-").FullName;
        try
        {
            await using var cluster = await PostgresCluster.StartAsync(durable: true);
            await PostAsync(directory, await CreateAsync(cluster, "posts"));
            await ReadAsync(directory, cluster);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task PostAsync(string directory, PostgresServer server)
    {
        await using var file = await PostBed.StartAsync(Path.Combine(directory, "posts"));
        await using var table = await PostBed.StartAsync(Path.Combine(directory, "unused"), server);
        var beds = new[] { (Bed: table, Client: table.Client()), (Bed: file, Client: file.Client()) };
        await InTurnsAsync("a post alone", beds, PostBenchmark.LoneAsync);
        await InTurnsAsync("a post, 64 writers", beds, PostBenchmark.ManyAsync);
    }

    private static async Task InTurnsAsync(
        string what, (PostBed Bed, MessagesService.MessagesServiceClient Client)[] beds, Func<PostBed, MessagesService.MessagesServiceClient, Task<double>> measure)
    {
        var rounds = new List<double[]>();
        // The first one is for the compiler.
        for (var i = 0; i <= Rounds; i++)
        {
            var round = new double[beds.Length];
            for (var b = 0; b < beds.Length; b++)
            {
                beds[b].Bed.Renew();
                round[b] = await measure(beds[b].Bed, beds[b].Client);
                await beds[b].Bed.DrainAsync();
            }
            rounds.Add(round);
        }
        Print(what, new Pair(
            Paired.Median(rounds.Skip(1).Select(r => r[0])), Paired.Median(rounds.Skip(1).Select(r => r[1])), Paired.Median(rounds.Skip(1).Select(r => r[0] / r[1]))));
    }

    private static async Task ReadAsync(string directory, PostgresCluster cluster)
    {
        var server = await CreateAsync(cluster, "network");
        await using var file = await Network.MakeAsync(Path.Combine(directory, "network"), Messages);
        await using var table = await Network.MakeAsync(Path.Combine(directory, "unused"), Messages, server);
        await ExecuteAsync(cluster, "network", "VACUUM ANALYZE");
        var newest = new Window(long.MaxValue, 0, OldestFirst: false, 50);
        var middle = newest with { Below = file.Database.Read(c => c.FindInt64("SELECT id FROM messages ORDER BY id LIMIT 1 OFFSET ?1", Messages / 2)!.Value) };
        Print("home timeline: 50 newest of 200 followed", Paired.Wall(
            () => table.Timeline.ListByAuthors(Network.Followed, newest, CancellationToken.None), () => file.Timeline.ListByAuthors(Network.Followed, newest, CancellationToken.None), 40));
        Print("home timeline: a page half-way down", Paired.Wall(
            () => table.Timeline.ListByAuthors(Network.Followed, middle, CancellationToken.None), () => file.Timeline.ListByAuthors(Network.Followed, middle, CancellationToken.None), 40));
        foreach (var (what, words) in SearchBenchmark.Kinds)
        {
            var query = SearchQuery.Parse(words)!;
            Print($"search: {what}", Paired.Wall(() => table.Timeline.Search(query, newest, CancellationToken.None), () => file.Timeline.Search(query, newest, CancellationToken.None), 20));
        }
    }

    private static async Task<PostgresServer> CreateAsync(PostgresCluster cluster, string database)
    {
        await ExecuteAsync(cluster, "postgres", $"CREATE DATABASE {database} TEMPLATE template0");
        return new PostgresServer(cluster.ConnectionStringOf(database), "Storage:ConnectionString");
    }

    private static async Task ExecuteAsync(PostgresCluster cluster, string database, string sql)
    {
        await using var connection = new NpgsqlConnection(cluster.ConnectionStringOf(database) + ";Pooling=false;Command Timeout=0");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // the benchmark's own
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }

    private static void Print(string what, Pair pair) =>
        Console.WriteLine($"  {what,-44} PostgreSQL {pair.Figure,9:N0} µs   SQLite {pair.Floor,9:N0} µs   ratio {pair.Ratio,6:N1}");
}
