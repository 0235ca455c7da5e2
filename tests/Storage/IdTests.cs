using Twite.Postgres;

namespace Twite.Storage;

public abstract class IdsSuite(DatabaseBed bed) : IAsyncLifetime
{
    private readonly DatabaseBed _bed = bed;

    public ValueTask InitializeAsync() => _bed.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        await _bed.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Ids_carry_the_time_and_the_one_before()
    {
        await using var database = await _bed.OpenAsync();
        var first = await database.WriteAsync(s => s.NextId(), CancellationToken.None);
        var second = await database.WriteAsync(s => s.NextId(), CancellationToken.None);
        Assert.Equal(_bed.Time.GetUtcNow(), ChangeId.TimeOf(first.Id));
        Assert.Equal(ChangeId.FloorAt(_bed.Time.GetUtcNow()), first.Id);
        Assert.Equal(0, first.Previous);
        Assert.Equal(first.Id, second.Previous);
        Assert.True(second.Id > first.Id);
        Assert.Equal(second.Id, database.Read(c => c.LastChangeId()));
    }

    [Fact]
    public async Task Ids_grow_when_the_clock_steps_back_and_over_a_restart()
    {
        long before;
        await using (var database = await _bed.OpenAsync())
        {
            _bed.Time.Advance(TimeSpan.FromHours(1));
            before = await database.AddNoteAsync("late");
        }
        // A clock that was set back an hour: FakeTimeProvider only goes forward, so another one takes over.
        var earlier = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(_bed.Time.GetUtcNow() - TimeSpan.FromHours(1));
        await using var again = await Database.OpenAsync(
            _bed.Options, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance, earlier, CancellationToken.None);
        var after = await again.WriteAsync(s => s.NextId(), CancellationToken.None);
        Assert.Equal(before + 1, after.Id);
        Assert.Equal(before, after.Previous);
    }

    [Fact]
    public async Task A_work_that_was_undone_leaves_no_gap_in_the_chain()
    {
        await using var database = await _bed.OpenAsync();
        using var gate = new ManualResetEventSlim();
        var blocked = database.WriteAsync(_ => gate.Wait(), CancellationToken.None);
        var first = database.WriteAsync(s => s.NextId(), CancellationToken.None);
        var undone = database.WriteAsync<int>(
            s =>
            {
                s.NextId();
                throw new InvalidOperationException("no");
            },
            CancellationToken.None);
        var second = database.WriteAsync(s => s.NextId(), CancellationToken.None);
        gate.Set();
        await Assert.ThrowsAsync<InvalidOperationException>(() => undone);
        Assert.Equal((await first).Id, (await second).Previous);
        await blocked;
    }

    [Fact]
    public async Task No_id_becomes_visible_after_a_larger_one_whoever_writes()
    {
        // So often somebody must have looked, however busy the machine is.
        const int Rounds = 10;
        await using var database = await _bed.OpenAsync();
        await using var another = await _bed.OpenAnotherAsync();
        await using var third = await _bed.OpenAnotherAsync();
        using var done = new CancellationTokenSource();
        var rounds = 0;
        var reading = Task.Run(() =>
        {
            var (last, count) = (0L, 0L);
            while (!done.IsCancellationRequested)
            {
                var (now, below) = database.Read(c =>
                    (c.FindInt64("SELECT max(id) FROM notes") ?? 0, c.FindInt64("SELECT count(*) FROM notes WHERE id <= ?1", last) ?? 0));
                Assert.Equal(count, below);
                (last, count) = (now, database.Read(c => c.FindInt64("SELECT count(*) FROM notes WHERE id <= ?1", now) ?? 0));
                Interlocked.Increment(ref rounds);
            }
        });
        Database[] writers = [database, another, third];
        do
        {
            await Task.WhenAll(Enumerable.Range(0, 600).Select(i => writers[i % 3].AddNoteAsync($"{i}")));
        }
        while (Volatile.Read(ref rounds) < Rounds && !reading.IsCompleted);
        await done.CancelAsync();
        await reading;
    }

    [Fact]
    public async Task Two_processes_share_one_sequence()
    {
        await using var service = await _bed.OpenAsync();
        await using var tool = await _bed.OpenAnotherAsync();
        var ids = new List<ChangeId>();
        for (var i = 0; i < 10; i++)
        {
            ids.Add(await (i % 2 == 0 ? service : tool).WriteAsync(s => s.NextId(), CancellationToken.None));
        }
        Assert.All(ids.Zip(ids.Skip(1)), pair => Assert.Equal(pair.First.Id, pair.Second.Previous));
    }
}

public sealed class IdsInFile() : IdsSuite(new DatabaseBed());

public sealed class IdsOnServer(PostgresTestServer server) : IdsSuite(new DatabaseBed(server));
