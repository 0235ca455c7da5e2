using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Twite.Postgres;

[assembly: AssemblyFixture(typeof(PostgresTestServer))]

namespace Twite.Storage;

/// <summary>A database of its own, in a file or on a server, and a clock that stands until it is moved.</summary>
public sealed class DatabaseBed(PostgresTestServer? server = null) : IAsyncLifetime
{
    private string? _connectionString;

    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("twite-storage-").FullName;

    public string Path => System.IO.Path.Combine(Directory, "notes.db");

    public SteppedTime Time { get; } = new(new DateTimeOffset(2026, 11, 1, 12, 0, 0, TimeSpan.Zero));

    public bool IsOnServer => server is not null;

    /// <summary>The server's database.</summary>
    public string ConnectionString => _connectionString ?? throw new InvalidOperationException("This bed's database is a file.");

    public DatabaseOptions Options => new()
    {
        Path = Path,
        Server = _connectionString is null ? null : new PostgresServer(_connectionString, "Storage:ConnectionString"),
        Migrations = typeof(DatabaseBed).Assembly,
    };

    public async ValueTask InitializeAsync() => _connectionString = server is null ? null : await server.CreateDatabaseAsync();

    public Task<Database> OpenAsync(DatabaseOptions? options = null) =>
        Database.OpenAsync(options ?? Options, NullLoggerFactory.Instance, Time, CancellationToken.None);

    /// <summary>Another instance: on a server a replica, on a file a tool beside the one that runs.</summary>
    public Task<Database> OpenAnotherAsync() => OpenAsync(Options with { Alongside = !IsOnServer });

    /// <summary>The server's database by way of a network that fails.</summary>
    public DatabaseOptions Through(PostgresRelay relay) => Options with
    {
        Server = new PostgresServer(new NpgsqlConnectionStringBuilder(ConnectionString) { Port = relay.Port }.ConnectionString, "Storage:ConnectionString"),
    };

    /// <summary>The error that a statement is to blame for.</summary>
    public static bool IsOfStatement(Exception error) =>
        error is SqliteException { SqliteErrorCode: SQLitePCL.raw.SQLITE_CONSTRAINT } or PostgresException { SqlState: PostgresErrorCodes.CheckViolation };

    /// <summary>Runs something as another program would.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using System.Data.Common.DbConnection connection =
            IsOnServer ? new NpgsqlConnection(ConnectionString + ";Pooling=false") : new SqliteConnection($"Data Source={Path};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // the tests' own
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }

    public ValueTask DisposeAsync()
    {
        System.IO.Directory.Delete(Directory, recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>Lets the clock run until something holds.</summary>
    public async Task AdvanceUntilAsync(TimeSpan step, Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!condition())
        {
            Time.Advance(step);
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, patience.Token);
        }
    }

    public static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, patience.Token);
        }
    }
}
