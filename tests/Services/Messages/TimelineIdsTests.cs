using Microsoft.Extensions.Logging.Abstractions;
using Twite.Messages;
using Twite.Postgres;
using Twite.Storage;

namespace Twite.Services.Messages;

/// <summary>The timeline's ids against a plain query, on networks drawn by chance: whatever is in memory and whatever below.</summary>
public abstract class TimelineIdsSuite(Func<Task<string?>> createDatabase) : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("twite-timeline-").FullName;
    private Database _database = null!;

    public async ValueTask InitializeAsync()
    {
        var connectionString = await createDatabase();
        _database = await Database.OpenAsync(
            new DatabaseOptions
            {
                Path = Path.Combine(_directory, "messages.db"),
                Server = connectionString is null ? null : new PostgresServer(connectionString, "Storage:ConnectionString"),
                Migrations = typeof(MessagesModule).Assembly,
            },
            NullLoggerFactory.Instance, TimeProvider.System, default);
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Are_those_of_a_plain_query(int seed)
    {
        var random = new Random(seed);
        var all = await PostAsync(random, messages: 2_000, authors: 60);
        var recent = _database.Read(c => RecentRows.Load(c, 500, isShared: false));
        // Some more and some fewer after it was loaded: memory follows, and lets go of the oldest.
        for (var i = 0; i < 300; i++)
        {
            if (random.Next(10) == 0)
            {
                var gone = all[random.Next(all.Count)];
                all.Remove(gone);
                await _database.WriteAsync(s => s.Connection.Run("DELETE FROM messages WHERE id = ?1", gone.Id), default);
                recent.Deleted(new ChangeId(recent.UpTo + 1, recent.UpTo), gone.Id, gone.Author);
            }
            else
            {
                var added = (await PostAsync(random, 1, 60))[0];
                all.Add(added);
                recent.Posted(new ChangeId(added.Id, 0), added.Author);
            }
        }
        Assert.InRange(recent.Current.Floor, all[0].Id, all[^1].Id);

        for (var i = 0; i < 400; i++)
        {
            var authors = Enumerable.Range(1, 70).Select(a => (long)a).Where(_ => random.Next(i % 2 == 0 ? 12 : 2) == 0).ToArray();
            var window = new Window(
                random.Next(3) == 0 ? long.MaxValue : all[random.Next(all.Count)].Id + random.Next(2),
                random.Next(2) == 0 ? 0 : all[random.Next(all.Count)].Id - random.Next(2),
                random.Next(2) == 0,
                random.Next(1, 60));
            var expected = all.Where(m => authors.Contains(m.Author) && m.Id < window.Below && m.Id > window.Above).Select(m => m.Id);
            expected = (window.OldestFirst ? expected.Order() : expected.OrderDescending()).Take(window.Limit);
            var actual = _database.Read(c => Timeline.FindIds(c, recent.Current, authors, window).Ids.ToArray());
            Assert.Equal(expected, actual);
        }
    }

    private async Task<List<(long Id, long Author)>> PostAsync(Random random, int messages, int authors)
    {
        return await _database.WriteAsync(
            s => Enumerable.Range(0, messages).Select(_ =>
            {
                // A few post a lot, many post little.
                var author = (long)(authors * Math.Pow(random.NextDouble(), 3)) + 1;
                var id = s.NextId().Id;
                s.Connection.Run("INSERT INTO messages (id, author_id, author_name, text) VALUES (?1, ?2, 'x', 'x')", id, author);
                return (id, author);
            }).ToList(),
            default);
    }
}

public sealed class TimelineIdsInFile() : TimelineIdsSuite(() => Task.FromResult<string?>(null));

public sealed class TimelineIdsOnServer(PostgresTestServer server) : TimelineIdsSuite(async () => await server.CreateDatabaseAsync());
