using System.Data.Common;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Twite.Contracts;
using Twite.Messages;
using Twite.Storage;

namespace Twite.Services.Messages;

/// <summary>What is removed in the background.</summary>
public sealed class HousekeepingTests : IAsyncLifetime
{
    private const long Gone = 1;

    private readonly string _directory = Directory.CreateTempSubdirectory("twite-housekeeping-").FullName;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 1, 12, 0, 0, TimeSpan.Zero));
    private Database _database = null!;

    public async ValueTask InitializeAsync() => _database = await Database.OpenAsync(
        MessagesModule.StorageOf(new MessagesOptions { DataDirectory = _directory }), NullLoggerFactory.Instance, _time, default);

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task It_goes_on_whatever_went_wrong()
    {
        var search = new FailsOnce(SearchIndex.Of(_database));
        var recent = _database.Read(connection => RecentRows.Load(connection, 100, isShared: false));
        var writes = new MessageWrites(recent, new HiddenAuthors([]), search);
        await _database.WriteAsync(
            session =>
            {
                writes.Import(session, new ImportedMessage { AuthorId = Gone, AuthorName = "gone", IdempotencyKey = "1" }, "finch");
                writes.SetState(session, Gone, AccountState.Deleted, 1);
            },
            default);

        await using (var housekeeping = new Housekeeping(
            _database, writes, new MessagesOptions { DataDirectory = _directory }, _time, NullLogger<Housekeeping>.Instance))
        {
            housekeeping.Start();
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            while (_database.Read(connection => connection.FindInt64("SELECT count(*) FROM messages")) > 0)
            {
                _time.Advance(TimeSpan.FromSeconds(10));
                await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, patience.Token);
            }
        }
        Assert.True(search.HasFailed);
    }

    private sealed class FailsOnce(SearchIndex index) : SearchIndex
    {
        public bool HasFailed { get; private set; }

        public override void Add(WriteSession session, long id, string authorName, string text) => index.Add(session, id, authorName, text);

        public override void Remove(WriteSession session, long id, string authorName, string text)
        {
            if (!HasFailed)
            {
                HasFailed = true;
                throw new TimeZoneNotFoundException("Nobody expects this.");
            }
            index.Remove(session, id, authorName, text);
        }

        public override DbDataReader Find(StorageConnection connection, SearchQuery query, Window window, bool skipHidden) =>
            index.Find(connection, query, window, skipHidden);
    }
}
