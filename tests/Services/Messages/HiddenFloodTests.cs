using System.Data.Common;
using Microsoft.Extensions.Logging.Abstractions;
using Twite.Contracts;
using Twite.Messages;
using Twite.Postgres;
using Twite.Storage;

namespace Twite.Services.Messages;

/// <summary>Lists behind somebody who posted a lot and is hidden.</summary>
public abstract class HiddenFloodSuite(Func<Task<string?>> createDatabase) : IAsyncLifetime
{
    private const int Flood = 1_000;
    private const long Ann = 1;
    private const long Flooder = 2;

    private readonly string _directory = Directory.CreateTempSubdirectory("twite-flood-").FullName;
    private Database _database = null!;
    private Asked _search = null!;
    private Timeline _timeline = null!;

    public async ValueTask InitializeAsync()
    {
        var connectionString = await createDatabase();
        _database = await Database.OpenAsync(
            MessagesModule.StorageOf(new MessagesOptions
            {
                DataDirectory = _directory,
                Server = connectionString is null ? null : new PostgresServer(connectionString, "Storage:ConnectionString"),
            }),
            NullLoggerFactory.Instance, TimeProvider.System, default);
        _search = new Asked(SearchIndex.Of(_database));
        var recent = _database.Read(connection => RecentRows.Load(connection, 10_000, _database.IsShared));
        var hidden = new HiddenAuthors([]);
        var writes = new MessageWrites(recent, hidden, _search);
        await _database.WriteAsync(session => Post(session, writes, Ann, 1, 2), default);
        await _database.WriteAsync(session => Post(session, writes, Flooder, 3, Flood), default);
        await _database.WriteAsync(session => Post(session, writes, Ann, Flood + 3, 1), default);
        await _database.WriteAsync(session => writes.SetState(session, Flooder, AccountState.Suspended, 1), default);
        _timeline = new Timeline(_database, recent, hidden, new CatchUp(_database.IsShared, recent, hidden), _search);
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_search_finds_what_lies_behind_it_without_going_through_it_page_by_page(bool oldestFirst)
    {
        var found = _timeline.Search(SearchQuery.Parse("finch")!, new Window(long.MaxValue, 0, oldestFirst, 20), TestContext.Current.CancellationToken);
        Assert.Equal([$"finch {Flood + 3}", "finch 2", "finch 1"], found.Messages.Select(m => m.Text));
        Assert.InRange(_search.Count, 1, 2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_public_timeline_shows_what_lies_behind_it(bool oldestFirst)
    {
        var shown = _timeline.ListPublic(new Window(long.MaxValue, 0, oldestFirst, 20), TestContext.Current.CancellationToken);
        Assert.Equal([$"finch {Flood + 3}", "finch 2", "finch 1"], shown.Messages.Select(m => m.Text));
    }

    [Fact]
    public void Whoever_gave_up_waiting_is_not_read_for_any_more() => Assert.ThrowsAny<OperationCanceledException>(
        () => _timeline.Search(SearchQuery.Parse("finch")!, new Window(long.MaxValue, 0, OldestFirst: false, 20), new CancellationToken(canceled: true)));

    private static void Post(WriteSession session, MessageWrites writes, long author, int from, int count)
    {
        for (var i = from; i < from + count; i++)
        {
            writes.Import(session, new ImportedMessage { AuthorId = author, AuthorName = $"a{author}", IdempotencyKey = $"{i}" }, $"finch {i}");
        }
    }

    /// <summary>Counts how often it is asked.</summary>
    private sealed class Asked(SearchIndex index) : SearchIndex
    {
        public int Count { get; private set; }

        public override void Add(WriteSession session, long id, string authorName, string text) => index.Add(session, id, authorName, text);

        public override void Remove(WriteSession session, long id, string authorName, string text) => index.Remove(session, id, authorName, text);

        public override DbDataReader Find(StorageConnection connection, SearchQuery query, Window window, bool skipHidden)
        {
            Count++;
            return index.Find(connection, query, window, skipHidden);
        }
    }
}

public sealed class HiddenFloodInFile() : HiddenFloodSuite(() => Task.FromResult<string?>(null));

public sealed class HiddenFloodOnServer(PostgresTestServer server) : HiddenFloodSuite(async () => await server.CreateDatabaseAsync());
