using System.Collections.Concurrent;
using System.Diagnostics;
using Twite.Postgres;

namespace Twite.Storage;

public abstract class RelaysSuite(DatabaseBed bed) : IAsyncLifetime
{
    private readonly DatabaseBed _bed = bed;

    public ValueTask InitializeAsync() => _bed.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        await _bed.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task An_event_goes_out_on_its_commit_without_the_clock_moving()
    {
        await using var database = await _bed.OpenAsync();
        await using var relay = new RelayBed(_bed, database).Start();
        await relay.EnqueueAsync("one");
        await relay.UntilHandedAsync(1);
        await relay.UntilEmptyAsync();
        var handed = Assert.Single(relay.Handed);
        Assert.Equal(("notes-" + handed.Row, "notifications", "note", _bed.Time.GetUtcNow()),
            (handed.Id, handed.Receiver, handed.Type, handed.OccurredAt));
    }

    [Fact]
    public async Task A_work_that_was_undone_tells_nobody()
    {
        await using var database = await _bed.OpenAsync();
        await using var relay = new RelayBed(_bed, database).Start();
        await Assert.ThrowsAsync<InvalidOperationException>(() => database.WriteAsync(
            s =>
            {
                s.Enqueue("notifications", "note", [1]);
                throw new InvalidOperationException("no");
            },
            CancellationToken.None));
        await relay.EnqueueAsync("told");
        await relay.UntilEmptyAsync();
        Assert.Equal(["told"], relay.Texts);
    }

    [Fact]
    public async Task What_was_left_by_the_last_run_goes_out_first_and_in_order()
    {
        await using (var database = await _bed.OpenAsync())
        {
            await using var stuck = new RelayBed(_bed, database) { Answer = _ => new TaskCompletionSource<HandOver>().Task }.Start();
            for (var i = 0; i < 20; i++)
            {
                await stuck.EnqueueAsync($"{i}");
            }
            await stuck.UntilHandedAsync(RelayBed.Options.Concurrency);
        }
        await using var again = await _bed.OpenAsync();
        await using var relay = new RelayBed(_bed, again).Start(RelayBed.Options with { Concurrency = 1 });
        await relay.UntilEmptyAsync();
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"{i}"), relay.Texts);
    }

    [Fact]
    public async Task At_most_so_many_are_handed_over_at_once()
    {
        await using var database = await _bed.OpenAsync();
        var gate = new TaskCompletionSource<HandOver>();
        await using var relay = new RelayBed(_bed, database) { Answer = _ => gate.Task }.Start(RelayBed.Options with { Concurrency = 3 });
        for (var i = 0; i < 10; i++)
        {
            await relay.EnqueueAsync($"{i}");
        }
        await relay.UntilHandedAsync(3);
        Assert.Equal(3, relay.Handed.Count);
        gate.SetResult(HandOver.Handled);
        await relay.UntilEmptyAsync();
        Assert.Equal(10, relay.Handed.Count);
    }

    [Fact]
    public async Task More_than_there_is_room_for_waits_in_the_database()
    {
        await using var database = await _bed.OpenAsync();
        var gate = new TaskCompletionSource<HandOver>();
        await using var relay = new RelayBed(_bed, database) { Answer = _ => gate.Task }
            .Start(RelayBed.Options with { Concurrency = 2, MaxReady = 10 });
        for (var i = 0; i < 100; i++)
        {
            await relay.EnqueueAsync($"{i}");
        }
        gate.SetResult(HandOver.Handled);
        await relay.UntilEmptyAsync();
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}"), relay.Texts.OrderBy(int.Parse));
    }

    [Fact]
    public async Task While_the_receiver_is_away_one_at_a_time_is_tried_with_growing_pauses()
    {
        await using var database = await _bed.OpenAsync();
        await using var relay = new RelayBed(_bed, database) { Answer = _ => Task.FromResult(HandOver.Away("nobody there")) }
            .Start(RelayBed.Options with { Concurrency = 1 });
        await relay.EnqueueAsync("0");
        await relay.UntilHandedAsync(1);
        for (var i = 1; i < 50; i++)
        {
            await relay.EnqueueAsync($"{i}");
        }
        await relay.AdvanceUntilHandedAsync(6);
        // 6 tries need at least half of 100 + 200 + 400 + 800 + 1,600 ms.
        Assert.True(_bed.Time.GetUtcNow() - relay.Handed.First().OccurredAt >= TimeSpan.FromMilliseconds(1_550));
        Assert.All(relay.Handed, e => Assert.Equal(relay.Handed.First().Row, e.Row));

        relay.Answer = _ => Task.FromResult(HandOver.Handled);
        await _bed.AdvanceUntilAsync(TimeSpan.FromMilliseconds(200), () => database.Outbox.Count() == (0, 0));
        Assert.Equal(50, relay.Texts.Distinct().Count());
    }

    [Fact]
    public async Task A_receiver_that_is_away_does_not_hold_up_another()
    {
        await using var database = await _bed.OpenAsync();
        await using var relay = new RelayBed(_bed, database)
        {
            Answer = e => Task.FromResult(e.Receiver == "follows" ? HandOver.Away("down") : HandOver.Handled),
        }.Start();
        await relay.EnqueueAsync("a", "follows");
        await relay.EnqueueAsync("b", "messages");
        await DatabaseBed.UntilAsync(() => relay.Texts.Contains("b"));
        await DatabaseBed.UntilAsync(() => database.Outbox.Count() == (1, 0));
    }

    [Fact]
    public async Task An_event_that_fails_is_tried_again_and_does_not_hold_up_others()
    {
        await using var database = await _bed.OpenAsync();
        var failures = 3;
        await using var relay = new RelayBed(_bed, database)
        {
            Answer = e => e.Body.Span[0] == 'b' && Interlocked.Decrement(ref failures) >= 0
                ? throw new InvalidOperationException("broken")
                : Task.FromResult(HandOver.Handled),
        }.Start();
        await relay.EnqueueAsync("bad");
        await relay.EnqueueAsync("good");
        await DatabaseBed.UntilAsync(() => relay.Texts.Contains("good"));
        await _bed.AdvanceUntilAsync(TimeSpan.FromMilliseconds(100), () => database.Outbox.Count() == (0, 0));
        Assert.Equal(4, relay.Texts.Count(t => t == "bad"));
        Assert.Single(relay.Texts, t => t == "good");
    }

    [Fact]
    public async Task What_is_refused_for_good_is_parked_and_can_be_replayed_or_dropped()
    {
        await using var database = await _bed.OpenAsync();
        await using var relay = new RelayBed(_bed, database) { Answer = _ => Task.FromResult(HandOver.Refused("no such field")) }
            .Start(RelayBed.Options with { TriesBeforeParking = 3 });
        await relay.EnqueueAsync("first");
        await relay.EnqueueAsync("second");
        await _bed.AdvanceUntilAsync(TimeSpan.FromMilliseconds(100), () => database.Outbox.Count() == (0, 2));
        Assert.Equal(6, relay.Handed.Count);
        var parked = database.Outbox.ListParked(10);
        Assert.All(parked, p => Assert.Equal(("no such field", 3, "notifications"), (p.Reason, p.Attempts, p.Receiver)));

        relay.Answer = _ => Task.FromResult(HandOver.Handled);
        Assert.True(await database.Outbox.DropAsync(parked[0].Id, CancellationToken.None));
        Assert.True(await database.Outbox.ReplayAsync(parked[1].Id, CancellationToken.None));
        Assert.False(await database.Outbox.ReplayAsync(parked[0].Id, CancellationToken.None));
        await relay.UntilEmptyAsync();
        Assert.Equal("second", relay.Texts[^1]);
    }

    [Fact]
    public async Task What_was_only_accepted_is_sent_again_after_30_seconds_until_it_is_confirmed()
    {
        await using var database = await _bed.OpenAsync();
        await using var relay = new RelayBed(_bed, database) { Answer = _ => Task.FromResult(HandOver.Accepted) }.Start();
        await relay.EnqueueAsync("one");
        await relay.UntilHandedAsync(1);
        await relay.AdvanceUntilHandedAsync(2, TimeSpan.FromSeconds(1));
        Assert.True(_bed.Time.GetUtcNow() - relay.Handed.First().OccurredAt >= TimeSpan.FromSeconds(30));
        Assert.Single(relay.Handed.Select(e => e.Id).Distinct());

        await database.Outbox.ConfirmAsync("follows", [relay.Handed.First().Id], CancellationToken.None);
        Assert.Equal((1, 0), database.Outbox.Count());
        await database.Outbox.ConfirmAsync("notifications", [relay.Handed.First().Id, "notes-7", "other-1", "nonsense"], CancellationToken.None);
        Assert.Equal((0, 0), database.Outbox.Count());
    }

    [Fact]
    public async Task What_was_only_accepted_is_sent_again_after_times_that_double()
    {
        await using var database = await _bed.OpenAsync();
        var sentAt = new ConcurrentQueue<DateTimeOffset>();
        await using var relay = new RelayBed(_bed, database)
        {
            Answer = _ =>
            {
                sentAt.Enqueue(_bed.Time.GetUtcNow());
                return Task.FromResult(HandOver.Accepted);
            },
        }.Start(RelayBed.Options with { LongestResend = TimeSpan.FromSeconds(100) });
        await relay.EnqueueAsync("one");
        await relay.AdvanceUntilHandedAsync(5, TimeSpan.FromSeconds(1));
        var pauses = sentAt.Zip(sentAt.Skip(1), (before, after) => (after - before).TotalSeconds).ToList();
        foreach (var (pause, least) in pauses.Zip([30, 60, 100, 100]))
        {
            Assert.True(pause >= least, $"It was sent again after {string.Join(", ", pauses)} s.");
        }
    }

    [Fact]
    public async Task What_its_receiver_has_given_up_is_parked_until_it_is_replayed_or_confirmed()
    {
        await using var database = await _bed.OpenAsync();
        await using var relay = new RelayBed(_bed, database) { Answer = _ => Task.FromResult(HandOver.Accepted) }.Start();
        await relay.EnqueueAsync("first");
        await relay.EnqueueAsync("second");
        await relay.UntilHandedAsync(2);
        var ids = relay.Handed.Select(e => e.Id).Order(StringComparer.Ordinal).ToList();
        await database.Outbox.ParkAsync("follows", [(ids[0], "It is not ours.")], CancellationToken.None);
        Assert.Equal((2, 0), database.Outbox.Count());
        await database.Outbox.ParkAsync("notifications", [(ids[0], "It says nothing."), (ids[1], "It says too much."), ("other-1", "x"), ("nonsense", "x")], CancellationToken.None);
        await database.Outbox.ParkAsync("notifications", [(ids[0], "Something else.")], CancellationToken.None);
        Assert.Equal((0, 2), database.Outbox.Count());
        Assert.Equal([(ids[0], "It says nothing."), (ids[1], "It says too much.")], database.Outbox.ListParked(10).Select(p => (p.Id, p.Reason)).OrderBy(p => p.Id, StringComparer.Ordinal));

        Assert.True(await database.Outbox.ReplayAsync(ids[0], CancellationToken.None));
        await relay.UntilHandedAsync(3);
        Assert.Equal(ids[0], relay.Handed.Last().Id);
        // One that an operator gave to its receiver from the dead letters is handled all the same.
        await database.Outbox.ConfirmAsync("notifications", ids, CancellationToken.None);
        Assert.Equal((0, 0), database.Outbox.Count());
    }

    [Fact]
    public async Task Two_relays_never_have_the_same_event_at_once()
    {
        await using var database = await _bed.OpenAsync();
        await using var tool = await _bed.OpenAnotherAsync();
        await using var first = new RelayBed(_bed, database);
        await using var second = new RelayBed(_bed, tool);
        for (var i = 0; i < 200; i++)
        {
            await first.EnqueueAsync($"{i}");
        }
        first.Start(RelayBed.Options with { MaxReady = 20 });
        second.Start(RelayBed.Options with { MaxReady = 20 });
        await first.UntilEmptyAsync();
        Assert.Equal(200, first.Handed.Count + second.Handed.Count);
        Assert.Equal(200, first.Texts.Concat(second.Texts).Distinct().Count());
    }

    [Fact]
    public async Task An_event_that_another_process_left_is_found()
    {
        await using var database = await _bed.OpenAsync();
        await using var relay = new RelayBed(_bed, database).Start();
        await using var tool = await _bed.OpenAnotherAsync();
        await tool.WriteAsync(s => s.Enqueue("notifications", "note", "left"u8.ToArray()), CancellationToken.None);
        await relay.AdvanceUntilHandedAsync(1, TimeSpan.FromSeconds(1));
        Assert.Equal(["left"], relay.Texts);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task An_event_belongs_to_the_trace_of_the_write_that_left_it(bool recorded)
    {
        using var listener = new ActivityListener
        {
            // Where nobody records this part of the trace, others may record what follows.
            ShouldListenTo = s => recorded && s.Name is "Twite.Storage",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        await using var database = await _bed.OpenAsync();
        string? seen = null;
        using var activity = new Activity("post").SetIdFormat(ActivityIdFormat.W3C).Start();
        await using (var left = new RelayBed(_bed, database))
        {
            await left.EnqueueAsync("one");
        }
        await using var relay = new RelayBed(_bed, database)
        {
            Answer = _ =>
            {
                seen = Activity.Current?.TraceId.ToHexString();
                return Task.FromResult(HandOver.Handled);
            },
        };
        Activity.Current = null;
        relay.Start();
        await relay.UntilEmptyAsync();
        Assert.Equal(activity.TraceId.ToHexString(), seen);
    }
}

public sealed class RelaysInFile() : RelaysSuite(new DatabaseBed());

public sealed class RelaysOnServer : RelaysSuite
{
    private readonly DatabaseBed _bed;

    public RelaysOnServer(PostgresTestServer server) : this(new DatabaseBed(server))
    {
    }

    private RelaysOnServer(DatabaseBed bed) : base(bed) => _bed = bed;

    [Fact]
    public async Task What_a_replica_had_claimed_when_it_died_comes_back_after_its_time()
    {
        await using var database = await _bed.OpenAsync();
        var claimedUntil = _bed.Time.GetUtcNow() + RelayBed.Options.ClaimTime;
        await _bed.ExecuteAsync($"""
            INSERT INTO notes.outbox (id, receiver, type, body, occurred_at, due_at, claim)
            VALUES (7, 'notifications', 'note', 'left', 0, {claimedUntil.ToUnixTimeMilliseconds()}, 'who died')
            """);
        await using var relay = new RelayBed(_bed, database).Start();
        await relay.AdvanceUntilHandedAsync(1, TimeSpan.FromMilliseconds(100));
        Assert.Equal(["left"], relay.Texts);
        Assert.InRange(_bed.Time.GetUtcNow(), claimedUntil, claimedUntil + RelayBed.Options.ScanInterval + TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task An_event_that_somebody_has_locked_is_passed_over_and_the_others_are_not()
    {
        await using var database = await _bed.OpenAsync();
        await using var relay = new RelayBed(_bed, database);
        await relay.EnqueueAsync("locked");
        await relay.EnqueueAsync("free");
        await using (var somebody = new Npgsql.NpgsqlConnection(_bed.ConnectionString + ";Pooling=false"))
        {
            await somebody.OpenAsync();
            await using var transaction = await somebody.BeginTransactionAsync();
            await using var command = new Npgsql.NpgsqlCommand("SELECT id FROM notes.outbox ORDER BY id LIMIT 1 FOR UPDATE", somebody, transaction);
            await command.ExecuteScalarAsync();
            relay.Start();
            await relay.UntilHandedAsync(1);
            Assert.Equal(["free"], relay.Texts);
        }
        await relay.AdvanceUntilHandedAsync(2, TimeSpan.FromSeconds(1));
        Assert.Equal(["free", "locked"], relay.Texts);
    }
}
