using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Twite.Postgres;

namespace Twite.Storage;

/// <summary>A server that goes away, a replica that stops in the middle, and many that start at once.</summary>
public sealed class ServerFaultTests(PostgresTestServer shared) : IAsyncLifetime
{
    private readonly DatabaseBed _bed = new(shared);

    public ValueTask InitializeAsync() => _bed.InitializeAsync();

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Theory, InlineData(false), InlineData(true)]
    public async Task While_it_is_away_all_is_refused_and_when_it_is_back_all_works_and_nothing_is_lost(bool crashes)
    {
        await using var cluster = await PostgresCluster.StartAsync(durable: true);
        await using var database = await Database.OpenAsync(
            _bed.Options with { Server = new PostgresServer(cluster.ConnectionStringOf("postgres"), "Storage:ConnectionString") },
            NullLoggerFactory.Instance, TimeProvider.System, CancellationToken.None);
        await database.AddNoteAsync("before");
        await cluster.StopAsync(immediately: crashes);

        var write = await Assert.ThrowsAsync<StorageException>(() => database.AddNoteAsync("lost"));
        Assert.Equal(StorageFailure.Away, write.Failure);
        Assert.Contains("PostgreSQL at 127.0.0.1", write.Message, StringComparison.Ordinal);
        Assert.Equal(StorageFailure.Away, Assert.Throws<StorageException>(() => database.Notes()).Failure);

        await cluster.StartAgainAsync();
        await database.AddNoteAsync("after");
        Assert.Equal(["before", "after"], database.Notes());
    }

    [Theory, InlineData(CommitLoss.Answer, true), InlineData(CommitLoss.Commit, false)]
    public async Task A_connection_that_breaks_during_a_commit_leaves_open_whether_it_was_stored(CommitLoss loss, bool stored)
    {
        await using var relay = new PostgresRelay((await shared.ClusterAsync()).Port);
        await using var database = await _bed.OpenAsync(_bed.Through(relay));
        relay.CutAtCommit(loss);
        var open = await Assert.ThrowsAsync<StorageException>(() => database.AddNoteAsync("perhaps"));
        Assert.Equal(StorageFailure.Uncertain, open.Failure);
        Assert.Equal(stored ? ["perhaps"] : [], database.Notes());
    }

    [Fact]
    public async Task Connections_that_were_ended_while_nobody_used_them_are_replaced_unnoticed()
    {
        await using var database = await _bed.OpenAsync();
        await database.AddNoteAsync("before");
        Assert.Equal(["before"], database.Notes());
        await _bed.ExecuteAsync(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
        Assert.Equal(["before"], database.Notes());
        await database.AddNoteAsync("after");
        Assert.Equal(["before", "after"], database.Notes());
    }

    [Fact]
    public async Task A_replica_waits_for_one_that_migrates_for_longer_than_a_statement_may_take()
    {
        var impatient = _bed.Options with { Server = new PostgresServer(_bed.ConnectionString + ";Command Timeout=1", "Storage:ConnectionString") };
        await using var migrates = new NpgsqlConnection(_bed.ConnectionString + ";Pooling=false");
        await migrates.OpenAsync();
        await using var take = new NpgsqlCommand("SELECT pg_advisory_lock(hashtextextended('twite notes', 0))", migrates);
        await take.ExecuteScalarAsync();
        var opening = _bed.OpenAsync(impatient);
        await using var waits = new NpgsqlCommand(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'advisory' AND query_start < clock_timestamp() - interval '2 seconds')", migrates);
        while (!opening.IsCompleted && await waits.ExecuteScalarAsync() is false)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
        await migrates.CloseAsync();
        await using var opened = await opening;
        Assert.Empty(opened.Notes());
    }

    [Fact]
    public async Task A_replica_that_stops_in_the_middle_of_a_commit_holds_the_others_up_for_a_bounded_time()
    {
        await using var database = await _bed.OpenAsync(_bed.Options with { BusyTimeout = TimeSpan.FromMilliseconds(200) });
        await using (var stopped = new NpgsqlConnection(_bed.ConnectionString + ";Pooling=false"))
        {
            await stopped.OpenAsync();
            await using var transaction = await stopped.BeginTransactionAsync();
            await using var command = new NpgsqlCommand("SELECT last_change FROM notes.ids FOR UPDATE", stopped, transaction);
            await command.ExecuteScalarAsync();
            var refused = await Assert.ThrowsAsync<StorageException>(() => database.AddNoteAsync("refused"));
            Assert.Equal(StorageFailure.Busy, refused.Failure);
        }
        await database.AddNoteAsync("later");
        Assert.Equal(["later"], database.Notes());
    }

    [Fact]
    public async Task The_server_ends_what_a_stopped_replica_has_begun()
    {
        await using var database = await _bed.OpenAsync();
        var limits = database.Read(c => c.List(
            r => r.GetString(0),
            "SELECT name || '=' || setting FROM pg_settings WHERE name IN ('idle_in_transaction_session_timeout', 'lock_timeout', 'synchronous_commit') ORDER BY name"));
        Assert.Equal(["idle_in_transaction_session_timeout=10000", "lock_timeout=5000", "synchronous_commit=on"], limits);
    }

    [Fact]
    public async Task Replicas_that_start_at_once_make_the_tables_once()
    {
        var replicas = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => _bed.OpenAsync()));
        await Task.WhenAll(replicas.Select((r, i) => r.AddNoteAsync($"{i}")));
        Assert.All(replicas, r => Assert.Equal(4, r.Notes().Count));
        foreach (var replica in replicas)
        {
            await replica.DisposeAsync();
        }
    }

    [Fact]
    public async Task No_secret_is_in_what_is_said_of_a_server()
    {
        var password = new NpgsqlConnectionStringBuilder(_bed.ConnectionString).Password!;
        Assert.DoesNotContain(password, _bed.Options.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(password, _bed.Options.Server!.ToString(), StringComparison.Ordinal);
        await using var database = await _bed.OpenAsync();
        Assert.DoesNotContain(password, database.Options.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host=localhost", true)]
    [InlineData("Host=/run/postgresql", true)]
    [InlineData("Host=127.0.0.1,db.example", false)]
    [InlineData("Host=db.example", false)]
    [InlineData("Host=db.example;SSL Mode=Require", false)]
    [InlineData("Host=db.example;SSL Mode=VerifyFull", true)]
    public void A_way_that_others_may_read_along_on_is_known(string connectionString, bool secured) =>
        Assert.Equal(secured, new PostgresServer(connectionString, "Storage:ConnectionString").IsSecured);
}
