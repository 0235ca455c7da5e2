using Npgsql;

namespace Twite.Postgres;

/// <summary>A PostgreSQL of the tests' own: in a directory of its own, on loopback, started by the first test that needs it, stopped and removed
/// with all its databases when it is disposed. The cluster that Debian's package may have made is neither needed nor touched. Any thread may use it.</summary>
public sealed class PostgresTestServer : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private Task<PostgresCluster>? _cluster;
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
    /// <param name="template">The database that it begins as a copy of; nobody may be connected to that.</param>
    /// <returns>Its connection string.</returns>
    public async Task<string> CreateDatabaseAsync(string template = "template0")
    {
        var cluster = await ClusterAsync();
        var name = $"test{Interlocked.Increment(ref _databases)}";
        await ExecuteAsync(cluster, $"CREATE DATABASE {name} TEMPLATE {template}");
        return cluster.ConnectionStringOf(name);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await (await _cluster).DisposeAsync();
        }
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
