using DbUp;
using DbUp.Builder;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Twite.Storage;

/// <summary>A file: WAL, <c>synchronous=FULL</c>, held by one running instance.</summary>
internal sealed class SqliteEngine : Engine
{
    // Pages kept by the writer; readers go through the memory map.
    private const int CacheKibibytes = 32 * 1024;

    private readonly DatabaseOptions _options;
    private readonly DatabaseLock? _held;

    private SqliteEngine(DatabaseOptions options, DatabaseLock? held)
    {
        (_options, _held) = (options, held);
        ConnectionString = new SqliteConnectionStringBuilder
        {
            DataSource = options.Path,
            Mode = SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
            DefaultTimeout = Math.Max(1, (int)options.BusyTimeout.TotalSeconds),
        }.ConnectionString;
    }

    public override string Place => _options.Path;

    public override string Scripts => ".Migrations.";

    public override bool IsShared => false;

    public override int MaxReaders => int.MaxValue;

    public override int MaxBatch => _options.MaxBatch;

    private string ConnectionString { get; }

    /// <summary>Holds the file, makes it when it does not exist, and brings its tables up to date.</summary>
    /// <exception cref="StorageException">It cannot be used.</exception>
    public static SqliteEngine Open(DatabaseOptions options, ILogger logger)
    {
        var directory = Path.GetDirectoryName(Path.GetFullPath(options.Path))!;
        try
        {
            Directory.CreateDirectory(directory);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw SqliteErrors.CannotWrite(directory, error);
        }

        var engine = new SqliteEngine(options, options.Alongside ? null : DatabaseLock.Take(options.Path));
        try
        {
            engine.Migrate(logger);
            if (engine._held is not null)
            {
                engine.ReleaseClaims();
            }
            return engine;
        }
        catch (Exception error)
        {
            engine.Dispose();
            if (engine.Explain(error) is { } failure)
            {
                throw failure;
            }
            throw;
        }
    }

    public override StorageConnection OpenWriter()
    {
        var connection = Connect();
        if (_options.MaxPages > 0)
        {
            Set(connection, $"PRAGMA max_page_count = {_options.MaxPages}");
        }
        return new SqliteStorageConnection(connection);
    }

    public override StorageConnection OpenReader()
    {
        var connection = Connect();
        Set(connection, "PRAGMA query_only = 1");
        return new SqliteStorageConnection(connection);
    }

    public override IReadOnlySet<string> ReadJournal()
    {
        using var connection = OpenWriter();
        var tables = connection.List(r => r.GetString(0), "SELECT name FROM sqlite_schema WHERE type = 'table'");
        return tables.Count == 0 ? new HashSet<string>()
            : tables.Contains("SchemaVersions")
                ? connection.List(r => r.GetString(0), "SELECT ScriptName FROM SchemaVersions").ToHashSet(StringComparer.Ordinal)
                : throw new StorageException(StorageFailure.NotADatabase,
                    $"{Place} is a database of some other program. Move it away or choose another data directory.");
    }

    public override UpgradeEngineBuilder Upgrade() => DeployChanges.To.SqliteDatabase(ConnectionString);

    public override StorageException? Explain(Exception error) => error is SqliteException sqlite ? SqliteErrors.Explain(sqlite, Place) : null;

    public override void Dispose() => _held?.Dispose();

    private void Migrate(ILogger logger)
    {
        var migrator = new Migrator(this, _options, logger);
        var missing = migrator.FindMissing();
        if (missing.Count == 0)
        {
            return;
        }
        using var whileMigrating = _options.Alongside ? DatabaseLock.TryTake(_options.Path) : null;
        if (_options.Alongside && whileMigrating is null)
        {
            throw new StorageException(StorageFailure.InUse,
                $"{Place} is in use by an older version of the program. Stop that before this version works on it.");
        }
        migrator.Run(missing);
    }

    // Whoever held the file before is gone, and its claims with it.
    private void ReleaseClaims()
    {
        using var connection = OpenWriter();
        connection.Run("UPDATE outbox SET claim = NULL, due_at = occurred_at WHERE claim IS NOT NULL");
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection(ConnectionString);
        try
        {
            connection.Open();
            Set(connection, $"""
                PRAGMA busy_timeout = {(int)_options.BusyTimeout.TotalMilliseconds};
                PRAGMA journal_mode = WAL;
                PRAGMA synchronous = FULL;
                PRAGMA foreign_keys = 1;
                PRAGMA temp_store = MEMORY;
                PRAGMA cache_size = -{CacheKibibytes};
                PRAGMA mmap_size = {_options.MemoryMapBytes};
                PRAGMA journal_size_limit = 67108864;
                """);
            return connection;
        }
        catch (SqliteException error)
        {
            connection.Dispose();
            throw Explain(error) is { } failure ? failure : error;
        }
    }

    private static void Set(SqliteConnection connection, string pragmas)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // numbers only
        command.CommandText = pragmas;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
