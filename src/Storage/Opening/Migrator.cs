using System.Reflection;
using DbUp;
using DbUp.Engine;
using DbUp.Engine.Output;
using DbUp.ScriptProviders;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Twite.Storage;

/// <summary>Brings a database's tables to what this build knows, with DbUp: each script once, in a transaction, in the order of names.</summary>
internal sealed class Migrator(DatabaseOptions options, ILogger logger)
{
    private readonly IReadOnlyList<SqlScript> _scripts = [.. ScriptsOf(typeof(Migrator).Assembly), .. ScriptsOf(options.Migrations)];

    /// <summary>The scripts of this build that the database lacks.</summary>
    /// <exception cref="StorageException">It is another's, or from a newer version.</exception>
    public IReadOnlyList<SqlScript> FindMissing(SqliteConnection connection)
    {
        var applied = ReadJournal(connection);
        var unknown = applied.Except(_scripts.Select(s => s.Name)).Order().FirstOrDefault();
        if (unknown is not null)
        {
            throw new StorageException(StorageFailure.NewerVersion,
                $"{options.Path} was changed by a newer version of the program (this one does not know {unknown}). "
                + "Run that version, or restore a backup made before the upgrade.");
        }
        return [.. _scripts.Where(s => !applied.Contains(s.Name))];
    }

    /// <summary>Runs scripts.</summary>
    /// <exception cref="StorageException">One failed; those before it stay.</exception>
    public void Run(IReadOnlyList<SqlScript> scripts, string connectionString)
    {
        foreach (var script in scripts)
        {
            logger.Migrating(options.Name, script.Name);
            var result = DeployChanges.To.SqliteDatabase(connectionString)
                .WithScript(script)
                .WithTransactionPerScript()
                .WithVariablesDisabled()
                .LogTo(new Log(logger, options.Name))
                .Build()
                .PerformUpgrade();
            if (!result.Successful)
            {
                throw (result.Error as SqliteException is { } error ? StorageException.From(error, options.Path) : null)
                    ?? new StorageException(StorageFailure.Migration,
                        $"The tables of {options.Path} could not be brought up to date: {script.Name} failed ({result.Error.Message}).", result.Error);
            }
            CrashPoint.Hit(CrashPoint.MidMigration, options.Name);
        }
    }

    private HashSet<string> ReadJournal(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT name FROM sqlite_schema WHERE type = 'table'";
        var tables = ReadStrings(command);
        if (tables.Count == 0)
        {
            return [];
        }
        if (!tables.Contains("SchemaVersions"))
        {
            throw new StorageException(StorageFailure.NotADatabase,
                $"{options.Path} is a database of some other program. Move it away or choose another data directory.");
        }
        command.CommandText = "SELECT ScriptName FROM SchemaVersions";
        return ReadStrings(command);
    }

    private static HashSet<string> ReadStrings(SqliteCommand command)
    {
        using var reader = command.ExecuteReader();
        var strings = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read())
        {
            strings.Add(reader.GetString(0));
        }
        return strings;
    }

    private static IEnumerable<SqlScript> ScriptsOf(Assembly assembly) =>
        new EmbeddedScriptProvider(assembly, name => name.Contains(".Migrations.", StringComparison.Ordinal)
            && name.EndsWith(".sql", StringComparison.Ordinal)).GetScripts(null).OrderBy(s => s.Name, StringComparer.Ordinal);

    private sealed class Log(ILogger logger, string database) : IUpgradeLog
    {
        // What DbUp tells of its progress is said above in one line a script.
        public void LogTrace(string format, params object[] args)
        {
        }

        public void LogDebug(string format, params object[] args)
        {
        }

        public void LogInformation(string format, params object[] args)
        {
        }

        public void LogWarning(string format, params object[] args) => logger.Migrating(database, string.Format(format, args));

        // What went wrong comes back with the result and is said once, in people's words, by whoever opened the database.
        public void LogError(string format, params object[] args)
        {
        }

        public void LogError(Exception ex, string format, params object[] args)
        {
        }
    }
}
