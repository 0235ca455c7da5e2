using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Twite.Contracts;
using Twite.Messages;
using Twite.Postgres;
using Twite.Storage;

namespace Twite.Services.Messages;

/// <summary>Changes after somebody deleted a lot.</summary>
public sealed class DeletionFloodTests(PostgresTestServer server)
{
    private const int Flood = 20_000;
    private const long Ann = 1;
    private const long Flooder = 2;

    [Fact]
    public async Task On_a_server_a_page_reads_no_more_than_it_shows()
    {
        await using var relay = new PostgresRelay((await server.ClusterAsync()).Port);
        var through = new NpgsqlConnectionStringBuilder(await server.CreateDatabaseAsync()) { Host = "127.0.0.1", Port = relay.Port };
        await ReadAsync(new PostgresServer(through.ConnectionString, "Storage:ConnectionString"), list =>
        {
            list(Ann);
            var before = relay.Answered;
            list(Ann);
            list(0);
            // Twenty bytes and more for each deletion that was read.
            Assert.InRange(relay.Answered - before, 1, Flood);
        });
    }

    [Fact]
    public Task In_a_file_pages_show_the_same() => ReadAsync(null, list => list(Ann));

    private static async Task ReadAsync(PostgresServer? server, Action<Action<long>> read)
    {
        var directory = Directory.CreateTempSubdirectory("twite-deletions-").FullName;
        await using (var database = await Database.OpenAsync(
            MessagesModule.StorageOf(new MessagesOptions { DataDirectory = directory, Server = server }), NullLoggerFactory.Instance, TimeProvider.System, default))
        {
            var first = 0L;
            await database.WriteAsync(
                session =>
                {
                    first = session.NextId().Id;
                    for (var i = 0; i < Flood + 30; i++)
                    {
                        // Ann's are the first ten, ten in the middle, and the last ten.
                        var isAnns = i is < 10 or >= (Flood / 2) and < (Flood / 2) + 10 or >= Flood + 20;
                        session.Connection.Send(
                            "INSERT INTO deletions (change_id, message_id, author_id) VALUES (?1, ?2, ?3)", session.NextId().Id, i + 1L, isAnns ? Ann : Flooder);
                    }
                },
                default);
            var recent = database.Read(connection => RecentRows.Load(connection, 100, database.IsShared));
            var hidden = new HiddenAuthors([]);
            var catchUp = new CatchUp(database.IsShared, recent, hidden);
            var timeline = new Timeline(database, recent, hidden, catchUp, SearchIndex.Of(database));
            var changes = new Changes(database, recent, hidden, catchUp, timeline);
            read(author => CheckPages(changes, first, author));
        }
        Directory.Delete(directory, recursive: true);
    }

    // All of an author's, page by page; of everybody's only the first two pages.
    private static void CheckPages(Changes changes, long since, long author)
    {
        var shown = new List<long>();
        ListChangesReply page;
        do
        {
            page = changes.List(since, author == 0 ? [] : [author], 12);
            shown.AddRange(page.Changes.Select(c => c.Deleted.MessageId));
            since = page.UpToId;
        }
        while (page.More && (author != 0 || shown.Count < 24));
        Assert.Equal(
            author == 0
                ? Enumerable.Range(1, 24).Select(i => (long)i)
                : [.. Enumerable.Range(1, 10), .. Enumerable.Range((Flood / 2) + 1, 10), .. Enumerable.Range(Flood + 21, 10)],
            shown);
    }
}
