using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Twite.Contracts;
using Twite.Notifications;
using Twite.Postgres;
using Twite.Storage;

namespace Twite.Services.Notifications;

/// <summary>Lists of people who are mentioned without end.</summary>
public abstract class ListLengthSuite(Func<Task<string?>> createDatabase) : IAsyncLifetime
{
    private const int MaxKept = 300;
    private const int MaxKeptOfOne = 120;
    private const long Ann = 1;
    private const long Bob = 2;
    private const long Flooder = 7;

    private readonly string _directory = Directory.CreateTempSubdirectory("twite-lists-").FullName;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 1, 12, 0, 0, TimeSpan.Zero));
    private DatabaseOptions _opening = null!;
    private Database _database = null!;
    private NotificationsStore _store = null!;
    private long _messages;

    public async ValueTask InitializeAsync()
    {
        var connectionString = await createDatabase();
        _opening = new DatabaseOptions
        {
            Path = Path.Combine(_directory, "notifications.db"),
            Server = connectionString is null ? null : new PostgresServer(connectionString, "Storage:ConnectionString"),
            Migrations = typeof(NotificationsModule).Assembly,
        };
        _database = await Database.OpenAsync(_opening, NullLoggerFactory.Instance, _time, default);
        _store = new NotificationsStore(_database, new NotificationsOptions { DataDirectory = _directory, MaxKept = MaxKept, MaxKeptOfOne = MaxKeptOfOne });
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task What_somebody_suspended_did_without_end_is_not_stepped_over_without_end_and_leaves_the_others_there()
    {
        await MentionAsync(Ann, Bob, 2);
        await MentionAsync(Flooder, Bob, 1_000);
        await _store.SetStateAsync(Flooder, AccountState.Suspended, _time.GetUtcNow(), default);
        Assert.InRange(Count(Bob), MaxKeptOfOne, MaxKeptOfOne + 2 + ListLengths.Unchecked);
        var list = ListOf(Bob);
        Assert.Equal([2, 1], list.Notifications.Select(n => n.MessageId));
        Assert.Equal(2, list.Unread);
    }

    [Fact]
    public async Task Of_what_many_did_the_newest_is_kept()
    {
        for (var actor = 100; actor < 200; actor++)
        {
            await MentionAsync(actor, Bob, 10);
        }
        Assert.InRange(Count(Bob), MaxKept, MaxKept + ListLengths.Unchecked);
        Assert.Equal(Enumerable.Range(0, 80).Select(i => _messages - i), ListOf(Bob).Notifications.Select(n => n.MessageId));
    }

    [Fact]
    public async Task Others_lists_stay_as_they_are()
    {
        await MentionAsync(Flooder, Ann, MaxKeptOfOne);
        await MentionAsync(Flooder, Bob, 400);
        Assert.Equal(MaxKeptOfOne, Count(Ann));
    }

    [Fact]
    public async Task What_is_older_than_a_year_is_taken_off_all_lists()
    {
        await MentionAsync(Flooder, Ann, 3);
        _time.Advance(TimeSpan.FromDays(200));
        await MentionAsync(Flooder, Ann, 2);
        _time.Advance(TimeSpan.FromDays(166));
        await MentionAsync(Flooder, Bob, 1);
        Assert.Equal((2, 1), (Count(Ann), Count(Bob)));
    }

    [Fact]
    public async Task Lists_that_had_grown_long_are_shortened_by_the_upgrade()
    {
        await _database.WriteAsync(
            write =>
            {
                for (var id = 1L; id <= 4_000; id++)
                {
                    // What 1,900 people did, then what one did 2,100 times.
                    write.Connection.Send(
                        "INSERT INTO notifications (id, account_id, type, actor_id, message_id, created_at) VALUES (?1, ?2, 1, ?3, ?1, 0)",
                        id, Bob, id <= 1_900 ? 100 + id : Flooder);
                }
                return write.Connection.Run("DELETE FROM schemaversions WHERE scriptname LIKE '%0002-short-lists.sql'");
            },
            default);
        await _database.DisposeAsync();
        _database = await Database.OpenAsync(_opening, NullLoggerFactory.Instance, _time, default);
        Assert.Equal(2_000, Count(Bob));
        Assert.Equal(500, _database.Read(connection => connection.FindInt64("SELECT count(*) FROM notifications WHERE actor_id = ?1", Flooder)));
    }

    private Task MentionAsync(long actor, long mentioned, int times) => Task.WhenAll(Enumerable.Range(0, times).Select(_ =>
    {
        var id = ++_messages;
        return _store.AddMentionsAsync($"test-{id}", new Message { Id = id, AuthorId = actor, AuthorName = $"a{actor}" }, [mentioned], default);
    }));

    private ListNotificationsReply ListOf(long account) => _store.List(account, 0, long.MaxValue, 80, fromOldest: false);

    private int Count(long account) => (int)_database.Read(
        connection => connection.FindInt64("SELECT count(*) FROM notifications WHERE account_id = ?1", account))!.Value;
}

public sealed class ListLengthInFile() : ListLengthSuite(() => Task.FromResult<string?>(null));

public sealed class ListLengthOnServer(PostgresTestServer server) : ListLengthSuite(async () => await server.CreateDatabaseAsync());
