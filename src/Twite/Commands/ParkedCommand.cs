using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Twite.Storage;
using Twite.Topologies;

namespace Twite.Commands;

/// <summary><c>twite admin parked</c>: events that their receiver refused for good, in the databases of their senders.</summary>
internal static class ParkedCommand
{
    private const string IdDescription = "As list shows it: the sender, a hyphen, and its number there.";

    public static Command Create(ProgramOptions options, CommandRunner runner)
    {
        var command = new TaughtCommand(
            "parked",
            "Events that their receiver refused for good. They stay in the sender's database until somebody has them handed over again, or forgets them. "
            + "Where a broker carries events, the receiver has kept its own: see twite queue dead-letters.")
        {
            Examples =
            [
                ("twite admin parked list", "which there are, and why"),
                ("twite admin parked replay messages-17", "once what was wrong is mended: it is handed over as if it were new"),
                ("twite admin parked replay --all", "all of them"),
                ("twite admin parked drop messages-17", "it is forgotten"),
            ],
        };
        command.Subcommands.Add(List(options, runner));
        command.Subcommands.Add(Change(
            options, runner, "replay", "Hands them over again.", (outbox, id, token) => outbox.ReplayAsync(id, token),
            (service, count) => $"{count} of {service} handed over again: within 5 s, or when {service} starts."));
        command.Subcommands.Add(Change(
            options, runner, "drop", "Forgets them.", (outbox, id, token) => outbox.DropAsync(id, token),
            (service, count) => $"{count} of {service} forgotten: their receivers will never learn of {(count == "1" ? "it" : "them")}."));
        return command;
    }

    private static TaughtCommand List(ProgramOptions options, CommandRunner runner)
    {
        var only = ServiceOption();
        var command = new TaughtCommand("list", "Lists them, the oldest of each service first.")
        {
            Examples =
            [
                ("twite admin parked list --data /var/lib/twite", "of all services"),
                ("twite admin parked list --service messages", "of one"),
            ],
        };
        command.Options.Add(only);
        command.Options.Add(options.Data);
        runner.Handle(command, quiet: true, async (context, cancellationToken) =>
        {
            var table = new Table().Border(TableBorder.Simple).AddColumns("id", "parked", "happened", "receiver", "event", "tries", "reason");
            foreach (var storage in Asked(context, context.Parsed.GetValue(only)))
            {
                await using var database = await OpenAsync(context, storage, cancellationToken);
                foreach (var parked in database.Outbox.ListParked(KeptEvents.Most))
                {
                    TerminalText.AddRow(table,
                    [
                        parked.Id, TerminalText.Of(parked.ParkedAt), TerminalText.Of(parked.OccurredAt), parked.Receiver, parked.Type,
                        parked.Attempts.ToString("N0", CultureInfo.InvariantCulture), parked.Reason,
                    ]);
                }
            }
            KeptEvents.Show(context, table);
            return ExitCodes.Ok;
        });
        return command;
    }

    /// <summary>A command that does something to one of them, or to all.</summary>
    /// <param name="options">What all commands have.</param>
    /// <param name="runner">Runs it.</param>
    /// <param name="name">What it is called.</param>
    /// <param name="description">What it does.</param>
    /// <param name="act">Does it to one; false when that one is gone.</param>
    /// <param name="said">What was done, of a service and how many.</param>
    private static TaughtCommand Change(
        ProgramOptions options, CommandRunner runner, string name, string description,
        Func<Outbox, string, CancellationToken, Task<bool>> act, Func<string, string, string> said)
    {
        var chosen = new OneOrAll(IdDescription, ServiceOption());
        var command = new TaughtCommand(name, description)
        {
            Examples =
            [
                ($"twite admin parked {name} messages-17", "one of them"),
                ($"twite admin parked {name} --all --service messages", "all of one service"),
            ],
        };
        chosen.AddTo(command);
        command.Options.Add(options.Data);
        runner.Handle(command, quiet: true, async (context, cancellationToken) =>
        {
            if (context.Parsed.GetValue(chosen.Id) is not { } id)
            {
                return await KeptEvents.ChangeAllAsync(
                    context, Asked(context, context.Parsed.GetValue(chosen.Service)).Select(s => (s.Name, (Func<Task<Database>>)(() => OpenAsync(context, s, cancellationToken)))),
                    database => Task.FromResult<IReadOnlyList<string>>([.. database.Outbox.ListParked(KeptEvents.Most).Select(static p => p.Id)]),
                    (database, id) => act(database.Outbox, id, cancellationToken), said);
            }
            var service = SenderOf(id);
            await using var database = await OpenAsync(context, Asked(context, service)[0], cancellationToken);
            if (!await act(database.Outbox, id, cancellationToken))
            {
                throw new FailureException(new Failure(ExitCodes.Failed, $"No event {id} is parked (any more). Try: twite admin parked list"));
            }
            context.Terminal.Out.WriteLine(said(service, "1"));
            return ExitCodes.Ok;
        });
        return command;
    }

    private static Option<string?> ServiceOption() => new("--service")
    {
        Description = $"Those of this service alone: {string.Join(", ", ServiceCatalog.WithOutbox)}. Default: of each.",
        HelpName = "NAME",
    };

    private static string SenderOf(string id) =>
        id.Split('-', 2) is [var service, var number] && ServiceCatalog.WithOutbox.Contains(service)
            && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out _)
            ? service
            : throw new UsageException($"\"{id}\" is no event's id: one looks like messages-17. Try: twite admin parked list");

    /// <summary>The databases that are asked for and are there: looking makes none.</summary>
    private static List<DatabaseOptions> Asked(CommandContext context, string? only)
    {
        if (only is not null && !ServiceCatalog.WithOutbox.Contains(only))
        {
            throw new UsageException($"{only} leaves no events for others; {string.Join(", ", ServiceCatalog.WithOutbox)} do.");
        }
        var host = context.ToolOptions() with { Alongside = true };
        List<DatabaseOptions> asked = [.. (only is null ? ServiceCatalog.WithOutbox : [only]).Select(service => Composition.StorageOf(service, host))];
        List<DatabaseOptions> there = [.. asked.Where(storage => storage.Server is not null || File.Exists(storage.Path))];
        return there.Count > 0
            ? there
            : throw new UsageException(
                $"There is no {string.Join(", ", asked.Select(storage => Path.GetFileName(storage.Path)))} in {host.DataDirectory}. Say where the network's files are: --data DIR.");
    }

    private static Task<Database> OpenAsync(CommandContext context, DatabaseOptions storage, CancellationToken cancellationToken) =>
        Database.OpenAsync(storage, context.Loggers, TimeProvider.System, cancellationToken);
}
