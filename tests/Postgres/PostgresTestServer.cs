using Npgsql;

namespace Twite.Postgres;

/// <summary>A PostgreSQL of the tests' own: in a directory of its own, on loopback, started by the first test that needs it, stopped and removed
/// with all its databases when it is disposed. The cluster that Debian's package may have made is neither needed nor touched. Any thread may use it.</summary>
public sealed class PostgresTestServer : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private Task<PostgresCluster>? _cluster;
    private Task<string>? _prepared;
    private int _databases;

    /// <summary>The running server.</summary>
    public Task<PostgresCluster> ClusterAsync()
    {
        lock (_lock)
        {
            return _cluster ??= PostgresCluster.StartAsync(durable: false);
        }
    }

    /// <summary>Makes an empty database.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> CreateDatabaseAsync()
    {
        var cluster = await ClusterAsync();
        return cluster.ConnectionStringOf(await CreateAsync(cluster, "template0"));
    }

    /// <summary>Makes a database that begins as a copy of one that was prepared.</summary>
    /// <param name="prepare">Prepares that, once, and closes all connections to it. The same for all callers.</param>
    /// <returns>Its connection string.</returns>
    public async Task<string> CopyDatabaseAsync(Func<string, Task> prepare)
    {
        var cluster = await ClusterAsync();
        Task<string> prepared;
        lock (_lock)
        {
            prepared = _prepared ??= PrepareAsync(cluster, prepare);
        }
        return cluster.ConnectionStringOf(await CreateAsync(cluster, await prepared));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await (await _cluster).DisposeAsync();
        }
    }

    private async Task<string> PrepareAsync(PostgresCluster cluster, Func<string, Task> prepare)
    {
        var name = await CreateAsync(cluster, "template0");
        await prepare(cluster.ConnectionStringOf(name));
        return name;
    }

    private async Task<string> CreateAsync(PostgresCluster cluster, string template)
    {
        var name = $"test{Interlocked.Increment(ref _databases)}";
        await ExecuteAsync(cluster, $"CREATE DATABASE {name} TEMPLATE {template}");
        return name;
    }

    private static async Task ExecuteAsync(PostgresCluster cluster, string sql)
    {
        await using var connection = new NpgsqlConnection(cluster.ConnectionStringOf("postgres"));
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // names that this class made
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }
}
