using Twite.Postgres;

namespace Twite.Storage;

/// <summary>The outbox of a machine whose clock is set back while something waits there.</summary>
public sealed class SetBackClockTests : IAsyncLifetime
{
    internal static readonly TimeSpan Soon = RelayBed.Options.ScanInterval + RelayBed.Options.LongestPause;

    private readonly DatabaseBed _bed = new();

    public ValueTask InitializeAsync() => _bed.InitializeAsync();

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task A_receiver_that_is_away_is_tried_on()
    {
        await using var database = await _bed.OpenAsync();
        await using var relay = new RelayBed(_bed, database) { Answer = _ => Task.FromResult(HandOver.Away("nobody there")) }.Start();
        await relay.EnqueueAsync("a");
        await relay.AdvanceUntilHandedAsync(3);
        _bed.Time.SetBack = TimeSpan.FromHours(1);
        var began = _bed.Time.GetTimestamp();
        await relay.AdvanceUntilHandedAsync(5);
        relay.Answer = _ => Task.FromResult(HandOver.Handled);
        await _bed.AdvanceUntilAsync(TimeSpan.FromMilliseconds(50), () => database.Outbox.Count() == (0, 0));
        Assert.InRange(_bed.Time.GetElapsedTime(began), TimeSpan.Zero, 3 * Soon);
    }

    [Fact]
    public async Task What_was_to_be_done_in_a_time_that_is_far_away_now_is_done_at_once_and_nothing_else_is()
    {
        await using var database = await _bed.OpenAsync();
        var now = _bed.Time.GetUtcNow();
        await LeaveAsync(1, "of the clock before", now + TimeSpan.FromHours(1), "who died");
        await LeaveAsync(2, "sent again in a while", now + RelayBed.Options.LongestResend, "");
        await LeaveAsync(3, "parked", null, "");
        await using var relay = new RelayBed(_bed, database).Start();
        await relay.AdvanceUntilHandedAsync(1);
        Assert.InRange(_bed.Time.GetUtcNow() - now, TimeSpan.Zero, Soon);
        await _bed.AdvanceUntilAsync(TimeSpan.FromMilliseconds(50), () => _bed.Time.GetUtcNow() - now > 2 * Soon);
        Assert.Equal(["of the clock before"], relay.Texts);
        await relay.AdvanceUntilHandedAsync(2, TimeSpan.FromSeconds(5));
        Assert.Equal("sent again in a while", relay.Texts[1]);
        Assert.Equal((0, 1), await UntilWaitingAsync(database));
    }

    private static async Task<(long, long)> UntilWaitingAsync(Database database)
    {
        await DatabaseBed.UntilAsync(() => database.Outbox.Count().Waiting == 0);
        return database.Outbox.Count();
    }

    private Task LeaveAsync(int row, string text, DateTimeOffset? dueAt, string claim) => _bed.ExecuteAsync($"""
        INSERT INTO outbox (id, receiver, type, body, occurred_at, due_at, claim, parked_at)
        VALUES ({row}, 'notifications', 'note', CAST('{text}' AS BLOB), 0, {dueAt?.ToUnixTimeMilliseconds() ?? long.MaxValue}, '{claim}', {(dueAt is null ? "0" : "NULL")})
        """);
}

/// <summary>The same on a server, where other replicas may have a clock that is ahead.</summary>
public sealed class SetBackClockOnServerTests(PostgresTestServer server) : IAsyncLifetime
{
    private readonly DatabaseBed _bed = new(server);

    public ValueTask InitializeAsync() => _bed.InitializeAsync();

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task What_nobody_has_claimed_is_done_at_once_and_nothing_else_is()
    {
        await using var database = await _bed.OpenAsync();
        var now = _bed.Time.GetUtcNow();
        var farAway = now + TimeSpan.FromHours(1);
        await LeaveAsync(1, "of the clock before", farAway, "NULL");
        await LeaveAsync(2, "another replica's", farAway + TimeSpan.FromHours(1), "'who is ahead'");
        await LeaveAsync(3, "parked", null, "NULL");
        await LeaveAsync(4, "sent again in a while", now + RelayBed.Options.LongestResend, "NULL");
        await using var relay = new RelayBed(_bed, database).Start();
        await relay.AdvanceUntilHandedAsync(1);
        await _bed.AdvanceUntilAsync(TimeSpan.FromMilliseconds(50), () => _bed.Time.GetUtcNow() - now > 2 * SetBackClockTests.Soon);
        Assert.Equal(["of the clock before"], relay.Texts);
        await relay.AdvanceUntilHandedAsync(2, TimeSpan.FromSeconds(5));
        Assert.Equal("sent again in a while", relay.Texts[1]);
        await DatabaseBed.UntilAsync(() => database.Outbox.Count() == (1, 1));
    }

    private Task LeaveAsync(int row, string text, DateTimeOffset? dueAt, string claim) => _bed.ExecuteAsync($"""
        INSERT INTO notes.outbox (id, receiver, type, body, occurred_at, due_at, claim, parked_at)
        VALUES ({row}, 'notifications', 'note', '{text.Replace("'", "''", StringComparison.Ordinal)}', 0, {dueAt?.ToUnixTimeMilliseconds() ?? long.MaxValue}, {claim}, {(dueAt is null ? "0" : "NULL")})
        """);
}
