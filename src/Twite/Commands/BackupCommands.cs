using System.CommandLine;
using System.Globalization;
using Twite.Backups;
using Twite.Topologies;

namespace Twite.Commands;

/// <summary><c>twite admin backup</c> and <c>restore</c>: the network's files, as of one moment.</summary>
internal static class BackupCommands
{
    public static Command CreateBackup(ProgramOptions options, CommandRunner runner)
    {
        var to = new Argument<string>("DIR") { Description = "Where to; a directory that does not exist yet." };
        var command = new TaughtCommand(
            "backup",
            "Copies the network's files, while it runs and while it does not: all services as of one moment. Certificates and keys of the services are not "
            + "in it (copy the folder of twite keys once). Tables on a PostgreSQL server are its pg_dump's.")
        {
            Examples = [("twite admin backup /backups/$(date +%F) --data /var/lib/twite", "one for each day"), ("twite admin restore /backups/2026-11-29", "and back")],
        };
        command.Arguments.Add(to);
        command.Options.Add(options.Data);
        runner.Handle(command, quiet: true, (context, cancellationToken) =>
        {
            var data = FilesOf(context);
            var directory = Path.GetFullPath(context.Parsed.GetRequiredValue(to));
            if (Path.Exists(directory))
            {
                throw new UsageException($"{directory} exists already. Name a directory that does not: each backup is one of its own.");
            }
            Backup.Make(data, directory, TimeProvider.System, cancellationToken);
            var copied = new DataFiles(directory).Databases;
            var size = copied.Sum(static path => new FileInfo(path).Length) / 1048576.0;
            context.Terminal.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{directory} has {string.Join(", ", copied.Select(Path.GetFileName))} now, {size:N1} MiB. Passwords' hashes and keys are in it: keep it as safe as the network."));
            return Task.FromResult(ExitCodes.Ok);
        });
        return command;
    }

    public static Command CreateRestore(ProgramOptions options, CommandRunner runner)
    {
        var from = new Argument<string>("DIR") { Description = "What twite admin backup made." };
        var replace = new Option<bool>("--replace") { Description = "Puts it in the place of the network that is in the data directory; that one is set aside there, not removed." };
        var command = new TaughtCommand(
            "restore", "Brings a backup back to a data directory on which nothing runs. Who logged out or changed the password since is as of then again.")
        {
            Examples =
            [
                ("twite admin restore /backups/2026-11-29 --data /var/lib/twite", "on a new machine"),
                ("twite admin restore /backups/2026-11-29 --replace", "in the place of what is there"),
            ],
        };
        command.Arguments.Add(from);
        command.Options.Add(replace);
        command.Options.Add(options.Data);
        runner.Handle(command, quiet: true, async (context, cancellationToken) =>
        {
            var directory = Path.GetFullPath(context.Parsed.GetRequiredValue(from));
            var backup = new DataFiles(directory).Databases.Select(Path.GetFileName).ToList();
            if (backup.Count == 0)
            {
                throw new UsageException($"There is no backup in {directory}: none of {string.Join(", ", ServiceCatalog.WithDatabase.Select(static s => s + ".db"))} is there.");
            }
            RequireFiles(context);
            var there = new DataFiles(context.DataDirectory).Databases.Select(Path.GetFileName).ToList();
            if (there.Count > 0 && !context.Parsed.GetValue(replace))
            {
                throw new UsageException($"{context.DataDirectory} has a network already ({string.Join(", ", there)}). Choose another directory (--data), or say --replace: what is there is then set aside.");
            }
            if (there.Except(backup).ToList() is { Count: > 0 } missing)
            {
                throw new UsageException($"The backup lacks {string.Join(", ", missing)}, which {context.DataDirectory} has: they would be of different times. Restore it to an empty directory.");
            }
            var aside = await new Restoration(context.ToolOptions(), context.Loggers, TimeProvider.System).RunAsync(directory, cancellationToken);
            context.Terminal.Out.WriteLine($"{context.DataDirectory} has what was in {directory}.{(aside is null ? "" : $" What was there is in {aside}.")}");
            return ExitCodes.Ok;
        });
        return command;
    }

    private static DataFiles FilesOf(CommandContext context)
    {
        RequireFiles(context);
        var files = new DataFiles(context.DataDirectory);
        return files.Databases.Count > 0 ? files
            : throw new UsageException($"There is no network in {context.DataDirectory}. Say where its files are: --data DIR.");
    }

    // Half of it in files and half on a server are of two moments, whatever is done.
    private static void RequireFiles(CommandContext context)
    {
        var host = context.ToolOptions() with { Alongside = true };
        if (ServiceCatalog.WithDatabase.Select(service => Composition.StorageOf(service, host)).FirstOrDefault(static s => s.Server is not null) is { } elsewhere)
        {
            throw new UsageException($"The tables of {elsewhere.Name} are in {elsewhere.Server}: pg_dump and pg_restore are for those. See docs/guides/postgresql.md.");
        }
    }
}
