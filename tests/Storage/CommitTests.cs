using Twite.Postgres;

namespace Twite.Storage;

public abstract class CommitsSuite(DatabaseBed bed) : IAsyncLifetime
{
    private readonly DatabaseBed _bed = bed;

    public ValueTask InitializeAsync() => _bed.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        await _bed.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_write_is_there_after_closing_and_opening_again()
    {
        await using (var database = await _bed.OpenAsync())
        {
            await database.AddNoteAsync("one");
        }
        await using var again = await _bed.OpenAsync();
        Assert.Equal(["one"], again.Notes());
    }

    [Fact]
    public async Task Writers_that_wait_together_share_a_commit()
    {
        await using var database = await _bed.OpenAsync();
        using var gate = new ManualResetEventSlim();
        var first = database.WriteAsync(_ => gate.Wait(), CancellationToken.None);
        var commits = 0;
        var others = Enumerable.Range(0, 50).Select(i => database.WriteAsync(
            session =>
            {
                // Runs once per group when it is the group's first registration.
                session.BeforeCommit(_ => commits++);
                return session.Connection.FindInt64("SELECT count(*) FROM notes");
            },
            CancellationToken.None)).ToList();
        var seen = database.WriteAsync(session => commits, CancellationToken.None);
        gate.Set();
        await Task.WhenAll(others);
        // No commit happened between the works: what runs before it had not run when the last work did.
        Assert.Equal(0, await seen);
        Assert.Equal(50, commits);
        await first;
    }

    [Fact]
    public async Task Works_that_fail_one_after_the_other_do_not_keep_one_that_is_done_from_its_commit()
    {
        await using var database = await _bed.OpenAsync();
        var stop = false;
        var done = database.WriteAsync(
            session =>
            {
                Fail();
                return session.NextId().Id;
            },
            CancellationToken.None);
        try
        {
            Assert.NotEqual(0, await done.WaitAsync(TimeSpan.FromSeconds(20)));
        }
        finally
        {
            Volatile.Write(ref stop, true);
        }

        // Each lets another come before it fails: one always waits.
        void Fail() => _ = database.WriteAsync(
            _ =>
            {
                if (!Volatile.Read(ref stop))
                {
                    Fail();
                }
                throw new InvalidOperationException("refused");
            },
            CancellationToken.None).ContinueWith(t => t.Exception, TaskScheduler.Default);
    }

    [Fact]
    public async Task A_work_that_throws_is_undone_alone()
    {
        await using var database = await _bed.OpenAsync();
        using var gate = new ManualResetEventSlim();
        var blocked = database.WriteAsync(_ => gate.Wait(), CancellationToken.None);
        var before = database.AddNoteAsync("before");
        var broken = database.WriteAsync(
            session =>
            {
                session.Connection.Run("INSERT INTO notes (text) VALUES (?1)", "undone");
                session.OnCommitted(() => Assert.Fail("It was never committed."));
                throw new InvalidOperationException("no");
            },
            CancellationToken.None);
        var after = database.AddNoteAsync("after");
        gate.Set();
        await blocked;
        await Assert.ThrowsAsync<InvalidOperationException>(() => broken);
        await Task.WhenAll(before, after);
        Assert.Equal(["before", "after"], database.Notes());
    }

    [Fact]
    public async Task A_constraint_surfaces_as_what_it_is()
    {
        await using var database = await _bed.OpenAsync();
        var error = await Assert.ThrowsAnyAsync<Exception>(() => database.AddNoteAsync("forbidden"));
        Assert.True(DatabaseBed.IsOfStatement(error), error.ToString());
    }

    [Fact]
    public async Task A_constraint_surfaces_in_the_work_that_sent_the_statement_and_undoes_that_alone()
    {
        await using var database = await _bed.OpenAsync();
        using var gate = new ManualResetEventSlim();
        var blocked = database.WriteAsync(_ => gate.Wait(), CancellationToken.None);
        var before = database.SendNoteAsync("before");
        var broken = database.SendNoteAsync("forbidden");
        var after = database.SendNoteAsync("after");
        gate.Set();
        await blocked;
        Assert.True(DatabaseBed.IsOfStatement(await Assert.ThrowsAnyAsync<Exception>(() => broken)));
        await Task.WhenAll(before, after);
        Assert.Equal(["before", "after"], database.Notes());
    }

    [Fact]
    public async Task A_work_that_throws_with_statements_unsent_is_undone_with_them()
    {
        await using var database = await _bed.OpenAsync();
        foreach (var asksFirst in new[] { false, true })
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => database.WriteAsync(
                session =>
                {
                    session.Connection.Send("INSERT INTO notes (text) VALUES (?1)", "undone");
                    if (asksFirst)
                    {
                        Assert.Equal(1, session.Connection.FindInt64("SELECT count(*) FROM notes"));
                    }
                    throw new InvalidOperationException("no");
                },
                CancellationToken.None));
            Assert.Empty(database.Notes());
        }
    }

    [Fact]
    public async Task Many_keys_are_asked_in_their_order_and_those_without_rows_passed_over()
    {
        await using var database = await _bed.OpenAsync();
        var ids = new[] { await database.AddNoteAsync("one"), await database.AddNoteAsync("two"), await database.AddNoteAsync("three") };
        var found = new List<(long, string)>();
        database.Read(c =>
        {
            c.QueryEach<long>("SELECT text FROM notes WHERE id = ?1", [ids[2], 7, ids[0], ids[2]], (id, row) => found.Add((id, row.GetString(0))));
            return true;
        });
        Assert.Equal([(ids[2], "three"), (ids[0], "one"), (ids[2], "three")], found);
    }

    [Fact]
    public async Task A_full_queue_refuses_at_once()
    {
        await using var database = await _bed.OpenAsync(_bed.Options with { MaxWaitingWrites = 2 });
        using var gate = new ManualResetEventSlim();
        using var started = new ManualResetEventSlim();
        var blocked = database.WriteAsync(
            _ =>
            {
                started.Set();
                gate.Wait();
            },
            CancellationToken.None);
        started.Wait();
        var waiting = new[] { database.AddNoteAsync("1"), database.AddNoteAsync("2") };
        var refused = database.AddNoteAsync("3");
        Assert.True(refused.IsFaulted);
        Assert.Equal(StorageFailure.Busy, (await Assert.ThrowsAsync<StorageException>(() => refused)).Failure);
        gate.Set();
        await Task.WhenAll(waiting);
        await blocked;
        Assert.Equal(["1", "2"], database.Notes());
    }

    [Fact]
    public async Task A_cancelled_write_that_has_not_started_is_not_done()
    {
        await using var database = await _bed.OpenAsync();
        using var gate = new ManualResetEventSlim();
        using var cancellation = new CancellationTokenSource();
        var blocked = database.WriteAsync(_ => gate.Wait(), CancellationToken.None);
        var cancelled = database.WriteAsync(s => s.Connection.Run("INSERT INTO notes (text) VALUES ('x')"), cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        gate.Set();
        await blocked;
        await database.AddNoteAsync("y");
        Assert.Equal(["y"], database.Notes());
    }

    [Fact]
    public async Task What_follows_a_commit_runs_in_order_before_the_callers_go_on()
    {
        await using var database = await _bed.OpenAsync();
        var seen = new List<int>();
        var writes = Enumerable.Range(0, 100).Select(async i =>
        {
            await database.WriteAsync(session => session.OnCommitted(() => seen.Add(i)), CancellationToken.None);
            Assert.Contains(i, seen.ToArray());
        }).ToList();
        await Task.WhenAll(writes);
        Assert.Equal(Enumerable.Range(0, 100), seen);
    }

    [Fact]
    public async Task Closing_finishes_what_waits_and_refuses_what_comes_later()
    {
        var database = await _bed.OpenAsync();
        var writes = Enumerable.Range(0, 200).Select(i => database.AddNoteAsync($"{i}")).ToList();
        await database.DisposeAsync();
        await Task.WhenAll(writes);
        var late = await Assert.ThrowsAsync<StorageException>(() => database.AddNoteAsync("late"));
        Assert.Equal(StorageFailure.Closed, late.Failure);
    }

    [Fact]
    public async Task A_reader_sees_one_state_and_never_writes()
    {
        await using var database = await _bed.OpenAsync();
        await database.AddNoteAsync("one");
        using var begun = new ManualResetEventSlim();
        using var written = new ManualResetEventSlim();
        var reading = Task.Run(() => database.Read(c =>
        {
            var before = c.FindInt64("SELECT count(*) FROM notes");
            begun.Set();
            written.Wait();
            return (before, c.FindInt64("SELECT count(*) FROM notes"));
        }));
        begun.Wait();
        await database.AddNoteAsync("two");
        written.Set();
        var counts = await reading;
        Assert.Equal((1L, 1L), counts);
        Assert.ThrowsAny<Exception>(() => database.Read(c => c.Run("INSERT INTO notes (text) VALUES ('x')")));
        Assert.Equal(["one", "two"], database.Notes());
    }
}

public sealed class CommitsInFile : CommitsSuite
{
    private readonly DatabaseBed _bed;

    public CommitsInFile() : this(new DatabaseBed())
    {
    }

    private CommitsInFile(DatabaseBed bed) : base(bed) => _bed = bed;

    [Fact]
    public async Task A_full_disk_fails_every_write_of_the_group_and_later_ones_work_again()
    {
        await using var database = await _bed.OpenAsync(_bed.Options with { MaxPages = 60 });
        using var gate = new ManualResetEventSlim();
        var blocked = database.WriteAsync(_ => gate.Wait(), CancellationToken.None);
        var small = database.AddNoteAsync("small");
        var huge = database.AddNoteAsync(new string('x', 1_000_000));
        gate.Set();
        var failure = await Assert.ThrowsAsync<StorageException>(() => huge);
        Assert.Equal(StorageFailure.DiskFull, failure.Failure);
        await Assert.ThrowsAsync<StorageException>(() => small);
        await Assert.ThrowsAsync<StorageException>(() => blocked);
        await database.AddNoteAsync("later");
        Assert.Equal(["later"], database.Notes());
    }
}

public sealed class CommitsOnServer(PostgresTestServer server) : CommitsSuite(new DatabaseBed(server));
