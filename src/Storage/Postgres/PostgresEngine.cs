using DbUp;
using DbUp.Builder;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Twite.Storage;

/// <summary>A schema on a server that replicas share. Nobody holds it alone: its row of ids is locked by whoever writes.</summary>
internal sealed class PostgresEngine : Engine
{
    // More subtransactions than this in one transaction make PostgreSQL look each of them up for whoever reads meanwhile.
    private const int MostWorks = 64;
    private const int OldestVersion = 15;

    // Tables that have grown take their time to change, and a replica waits for who changes them.
    private const int NoTimeout = 0;

    private readonly DatabaseOptions _options;
    private readonly PostgresServer _server;
    private readonly string _connectionString;
    private readonly string _readingConnectionString;

    private PostgresEngine(DatabaseOptions options, PostgresServer server)
    {
        (_options, _server) = (options, server);
        _connectionString = server.ConnectionStringFor(options.Name, options.BusyTimeout);
        _readingConnectionString = server.ConnectionStringFor(options.Name, options.BusyTimeout, readOnly: true);
        Place = $"{server}, schema {options.Name}";
    }

    public override string Place { get; }

    public override string Scripts => ".Migrations.Postgres.";

    public override bool IsShared => true;

    public override int MaxReaders => _server.MaxReaders;

    public override int MaxBatch => Math.Min(_options.MaxBatch, MostWorks);

    /// <summary>Makes the schema when it does not exist and brings its tables up to date; replicas that start at once wait for each other.</summary>
    /// <exception cref="StorageException">It cannot be used.</exception>
    public static PostgresEngine Open(DatabaseOptions options, PostgresServer server, ILogger logger)
    {
        var engine = new PostgresEngine(options, server);
        try
        {
            if (!server.IsSecured)
            {
                logger.NotSecured(engine.Place);
            }
            using var connection = engine.Connect(engine._connectionString);
            engine.RequireUsable(connection);
            engine.Migrate(connection, logger);
            return engine;
        }
        catch (Exception error)
        {
            if (engine.Explain(error) is { } failure)
            {
                throw failure;
            }
            throw;
        }
    }

    public override StorageConnection OpenWriter() => new PostgresStorageConnection(Connect(_connectionString));

    public override StorageConnection OpenReader() => new PostgresStorageConnection(Connect(_readingConnectionString));

    public override IReadOnlySet<string> ReadJournal()
    {
        using var connection = OpenReader();
        var tables = connection.List(r => r.GetString(0), "SELECT tablename::text FROM pg_tables WHERE schemaname = ?1", _options.Name);
        return tables.Count == 0 ? new HashSet<string>()
            : tables.Contains("schemaversions")
                ? connection.List(r => r.GetString(0), "SELECT scriptname FROM schemaversions").ToHashSet(StringComparer.Ordinal)
                : throw new StorageException(StorageFailure.NotADatabase,
                    $"{Place} is some other program's. Give this network a database of its own in the connection string.");
    }

    public override UpgradeEngineBuilder Upgrade() => DeployChanges.To
        // Given the schema it would make it first, which a role of the service's own may not do though the schema is there.
        .PostgresqlDatabase(new NpgsqlConnectionStringBuilder(_connectionString) { CommandTimeout = NoTimeout }.ConnectionString)
        .JournalToPostgresqlTable(_options.Name, "schemaversions");

    public override StorageException? Explain(Exception error) => PostgresErrors.Explain(error, Place);

    public override bool IsBroken(Exception error) => PostgresErrors.IsBroken(error);

    public override void Dispose()
    {
        // Connections belong to who opened them.
    }

    private NpgsqlConnection Connect(string connectionString)
    {
        var connection = new NpgsqlConnection(connectionString);
        try
        {
            connection.Open();
            // A server may be set to acknowledge what is not on disk yet; this program never does.
            Execute(connection, "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') IN ('off', 'local')");
            return connection;
        }
        catch (Exception error)
        {
            connection.Dispose();
            if (Explain(error) is { } failure)
            {
                throw failure;
            }
            throw;
        }
    }

    private void RequireUsable(NpgsqlConnection connection)
    {
        if (connection.PostgreSqlVersion.Major < OldestVersion)
        {
            throw new StorageException(StorageFailure.Migration,
                $"{_server} is of version {connection.PostgreSqlVersion}; this program needs {OldestVersion} or later. Upgrade the server.");
        }
        if (Execute(connection, "SELECT current_setting('server_encoding')") is not "UTF8")
        {
            throw new StorageException(StorageFailure.Migration,
                $"{_server} does not hold UTF-8, so not every message could be stored. Make the database anew: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0.");
        }
    }

    private void Migrate(NpgsqlConnection connection, ILogger logger)
    {
        var migrator = new Migrator(this, _options, logger);
        if (migrator.FindMissing().Count == 0)
        {
            return;
        }
        // Held by this connection, however it ends; the second replica finds nothing missing any more.
        Execute(connection, "SET lock_timeout = '60s'");
        Execute(connection, $"SELECT pg_advisory_lock(hashtextextended('twite {_options.Name}', 0))", NoTimeout);
        Execute(connection, $"""
            DO $$ BEGIN
              IF to_regnamespace('{_options.Name}') IS NULL THEN CREATE SCHEMA {_options.Name}; END IF;
            END $$
            """);
        migrator.Run(migrator.FindMissing());
    }

    private static object? Execute(NpgsqlConnection connection, string sql, int? timeout = null)
    {
        using var command = connection.CreateCommand();
        command.CommandTimeout = timeout ?? command.CommandTimeout;
#pragma warning disable CA2100 // constants, and the service's name
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }
}
