using System.Reflection;
using DbUp.Engine;
using DbUp.Engine.Output;
using DbUp.ScriptProviders;
using Microsoft.Extensions.Logging;

namespace Twite.Storage;

/// <summary>Brings a database's tables to what this build knows, with DbUp: each script once, in a transaction, in the order of names.</summary>
internal sealed class Migrator(Engine engine, DatabaseOptions options, ILogger logger)
{
    private readonly IReadOnlyList<SqlScript> _scripts =
        [.. ScriptsOf(typeof(Migrator).Assembly, engine.Scripts), .. ScriptsOf(options.Migrations, engine.Scripts)];

    /// <summary>The scripts of this build that the database lacks.</summary>
    /// <exception cref="StorageException">It is another's, or from a newer version.</exception>
    public IReadOnlyList<SqlScript> FindMissing()
    {
        var applied = engine.ReadJournal();
        var unknown = applied.Except(_scripts.Select(s => s.Name)).Order().FirstOrDefault();
        if (unknown is not null)
        {
            throw new StorageException(StorageFailure.NewerVersion,
                $"{engine.Place} was changed by a newer version of the program (this one does not know {unknown}). "
                + "Run that version, or restore a backup made before the upgrade.");
        }
        return [.. _scripts.Where(s => !applied.Contains(s.Name))];
    }

    /// <summary>Runs scripts.</summary>
    /// <exception cref="StorageException">One failed; those before it stay.</exception>
    public void Run(IReadOnlyList<SqlScript> scripts)
    {
        foreach (var script in scripts)
        {
            logger.Migrating(options.Name, script.Name);
            var result = engine.Upgrade()
                .WithScript(script)
                .WithTransactionPerScript()
                .WithVariablesDisabled()
                .LogTo(new Log(logger, options.Name))
                .Build()
                .PerformUpgrade();
            if (!result.Successful)
            {
                throw engine.Explain(result.Error) ?? new StorageException(StorageFailure.Migration,
                    $"The tables of {engine.Place} could not be brought up to date: {script.Name} failed ({result.Error.Message}).", result.Error);
            }
            CrashPoint.Hit(CrashPoint.MidMigration, options.Name);
        }
    }

    // The names are in journals: those of a file's scripts stand right below Migrations, and stay there.
    private static IEnumerable<SqlScript> ScriptsOf(Assembly assembly, string folder) =>
        new EmbeddedScriptProvider(assembly, name => name.EndsWith(".sql", StringComparison.Ordinal)
            && name.IndexOf(folder, StringComparison.Ordinal) is var at and >= 0
            && char.IsAsciiDigit(name[at + folder.Length])).GetScripts(null).OrderBy(s => s.Name, StringComparer.Ordinal);

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
