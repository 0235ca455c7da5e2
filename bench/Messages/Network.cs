using Microsoft.Extensions.Logging.Abstractions;
using Twite.Messages;
using Twite.Storage;

namespace Twite.Bench.Messages;

/// <summary>A network of 10,000 people and their messages, made once and kept in the temporary directory. The last five fell silent after the
/// first tenth. The same every time.</summary>
internal sealed class Network : IAsyncDisposable
{
    public const int People = 10_000;
    private const int AtOnce = 10_000;
    private const int Words = 20_000;

    private Network(Database database)
    {
        Database = database;
        Recent = database.Read(c => RecentRows.Load(c, new MessagesOptions { DataDirectory = "" }.RecentMessages, database.IsShared));
        var hidden = database.Read(HiddenAuthors.Load);
        Timeline = new Timeline(database, Recent, hidden, new CatchUp(database.IsShared, Recent, hidden), SearchIndex.Of(database));
    }

    public Database Database { get; }

    public RecentMessages Recent { get; }

    public Timeline Timeline { get; }

    public static long[] Silent { get; } = [People - 4, People - 3, People - 2, People - 1, People];

    /// <summary>200 people somebody follows.</summary>
    public static long[] Followed { get; } = [.. Enumerable.Range(0, 200).Select(i => 1L + (i * 49))];

    public static string Word(int rank) => $"word{rank}";

    /// <summary>Opens it as after a restart; makes it first when it does not exist.</summary>
    public static async Task<Network> OpenAsync(int messages, bool searchable)
    {
        var directory = Path.Combine(Path.GetTempPath(), $"twite-bench-{messages}{(searchable ? "" : "-plain")}");
        if (!File.Exists(Path.Combine(directory, "complete")))
        {
            Console.Error.WriteLine($"  making {messages:N0} messages in {directory} …");
            Directory.CreateDirectory(directory);
            File.Delete(Path.Combine(directory, "messages.db"));
            await using (var database = await OpenDatabaseAsync(directory))
            {
                await FillAsync(database, messages, searchable);
            }
            await File.WriteAllTextAsync(Path.Combine(directory, "complete"), "");
        }
        return new Network(await OpenDatabaseAsync(directory));
    }

    /// <summary>Makes one in a directory or on a server, and opens it as after a restart.</summary>
    public static async Task<Network> MakeAsync(string directory, int messages, PostgresServer? server = null)
    {
        await using (var database = await OpenDatabaseAsync(directory, server))
        {
            await FillAsync(database, messages, searchable: true);
        }
        return new Network(await OpenDatabaseAsync(directory, server));
    }

    public static Task<Database> OpenDatabaseAsync(string directory, PostgresServer? server = null) => Database.OpenAsync(
        new DatabaseOptions { Path = Path.Combine(directory, "messages.db"), Server = server, Migrations = typeof(MessagesModule).Assembly },
        NullLoggerFactory.Instance, TimeProvider.System, default);

    public ValueTask DisposeAsync() => Database.DisposeAsync();

    private static async Task FillAsync(Database database, int messages, bool searchable)
    {
        var random = new Random(141);
        var index = SearchIndex.Of(database);
        // Two years, evenly but for chance.
        var step = (long)(TimeSpan.FromDays(730).TotalMilliseconds / messages * (1 << 20));
        var id = ChangeId.FloorAt(new DateTimeOffset(2024, 11, 1, 0, 0, 0, TimeSpan.Zero));
        for (var done = 0; done < messages; done += AtOnce)
        {
            var from = done;
            await database.WriteAsync(
                session =>
                {
                    for (var i = from; i < from + AtOnce; i++)
                    {
                        id += random.NextInt64(1, 2 * step);
                        var author = Author(random, i < messages / 10);
                        var text = Text(random);
                        session.Connection.Send("INSERT INTO messages (id, author_id, author_name, text) VALUES (?1, ?2, ?3, ?4)",
                            id, author, $"person{author}", text);
                        if (searchable)
                        {
                            index.Add(session, id, $"person{author}", text);
                        }
                    }
                    session.Connection.Send("UPDATE ids SET last_change = ?1", id);
                },
                default);
        }
    }

    private static long Author(Random random, bool early) => early ? random.Next(1, People + 1) : random.Next(1, People - 4);

    private static string Text(Random random) => string.Join(' ', Enumerable.Range(0, random.Next(4, 18)).Select(_ => Word(Rank(random))));

    // As in any language: the n-th most frequent word comes about 1/n as often as the first.
    private static int Rank(Random random) => (int)Math.Pow(Words, random.NextDouble());
}
