using Twite.Postgres;

namespace Twite.Storage;

public abstract class HandledEventsSuite(DatabaseBed bed) : IAsyncLifetime
{
    private readonly DatabaseBed _bed = bed;

    public ValueTask InitializeAsync() => _bed.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        await _bed.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task An_event_is_new_once_also_after_a_restart()
    {
        await using (var database = await _bed.OpenAsync())
        {
            Assert.True(await TryBeginAsync(database, "accounts-1"));
            Assert.False(await TryBeginAsync(database, "accounts-1"));
        }
        await using var again = await _bed.OpenAsync();
        Assert.False(await TryBeginAsync(again, "accounts-1"));
        Assert.True(await TryBeginAsync(again, "accounts-2"));
    }

    [Fact]
    public async Task An_event_whose_handling_was_undone_is_new_again()
    {
        await using var database = await _bed.OpenAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => database.WriteAsync(
            s => s.TryBegin("accounts-1") ? throw new InvalidOperationException("no") : true, CancellationToken.None));
        Assert.True(await TryBeginAsync(database, "accounts-1"));
    }

    [Fact]
    public async Task Old_ones_are_forgotten_and_young_ones_are_not()
    {
        await using var database = await _bed.OpenAsync(_bed.Options with { HandledEventsKept = TimeSpan.FromHours(1) });
        await TryBeginAsync(database, "old");
        _bed.Time.Advance(TimeSpan.FromMinutes(50));
        await TryBeginAsync(database, "young");
        _bed.Time.Advance(TimeSpan.FromMinutes(20));
        await TryBeginAsync(database, "now");
        Assert.Equal(2, database.Read(c => c.FindInt64("SELECT count(*) FROM handled_events")));
        Assert.False(await TryBeginAsync(database, "young"));
    }

    private static Task<bool> TryBeginAsync(Database database, string id) => database.WriteAsync(s => s.TryBegin(id), CancellationToken.None);
}

public sealed class HandledEventsInFile() : HandledEventsSuite(new DatabaseBed());

public sealed class HandledEventsOnServer(PostgresTestServer server) : HandledEventsSuite(new DatabaseBed(server));
