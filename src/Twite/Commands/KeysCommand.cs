using System.CommandLine;
using Spectre.Console;
using Twite.Keys;
using Twite.Topologies;

namespace Twite.Commands;

/// <summary><c>twite keys</c>: what services prove themselves with to each other.</summary>
internal static class KeysCommand
{
    public static Command Create(ProgramOptions options, CommandRunner runner)
    {
        var folder = new FolderOptions(options);
        var command = new TaughtCommand("keys", "Makes an authority of the cluster's own and a certificate per service. Running it again renews what expires soon and changes nothing else.")
        {
            Examples =
            [
                ("twite keys --dir keys", "a folder per service: copy keys/accounts to where accounts runs, and nothing more"),
                ("mv keys/authority /media/stick", "who has this folder can join the cluster: keep it where nothing else runs"),
                ("twite keys --dir keys --authority /media/stick", "some time before the certificates expire"),
                ("twite keys issue bot --dir keys", "a client of one's own"),
                ("twite keys show --dir keys", "who has which certificate, and until when"),
                ("twite keys rotate --dir keys", "replaces the authority, in three steps with restarts between them"),
            ],
        };
        folder.AddTo(command);
        runner.Handle(command, quiet: true, (context, _) => Task.FromResult(Update(context, folder)));
        command.Subcommands.Add(Issue(folder, runner));
        command.Subcommands.Add(Rotate(folder, runner));
        command.Subcommands.Add(Show(folder, runner));
        return command;
    }

    private static int Update(CommandContext context, FolderOptions folder)
    {
        var made = folder.Open(context).Update(ServiceCatalog.Services.Keys);
        foreach (var (name, why) in made)
        {
            context.Terminal.Out.WriteLine($"{name} has a new certificate: {why}.");
        }
        context.Terminal.Out.WriteLine(made.Count > 0
            ? $"They are in {folder.Path(context)}. What runs already uses them once it is restarted."
            : $"All certificates in {folder.Path(context)} are good; nothing was changed.");
        return ExitCodes.Ok;
    }

    private static TaughtCommand Issue(FolderOptions folder, CommandRunner runner)
    {
        var name = new Argument<string>("NAME") { Description = "The client's or service's name; contracts say which callers a method allows." };
        var command = new TaughtCommand("issue", "Makes a certificate for a client or a service of one's own; a new one when it has one.")
        {
            Examples = [("twite keys issue bot --dir keys", "keys/bot/ca.pem, bot.pem and bot.key are all that the program called bot needs")],
        };
        command.Arguments.Add(name);
        folder.AddTo(command);
        runner.Handle(command, quiet: true, (context, _) =>
        {
            var made = folder.Open(context).Issue(context.Parsed.GetRequiredValue(name));
            context.Terminal.Out.WriteLine($"{made} has ca.pem, {context.Parsed.GetRequiredValue(name)}.pem and {context.Parsed.GetRequiredValue(name)}.key.");
            return Task.FromResult(ExitCodes.Ok);
        });
        return command;
    }

    private static TaughtCommand Rotate(FolderOptions folder, CommandRunner runner)
    {
        var now = new Option<bool>("--now")
        {
            Description = $"Every service has been restarted since the step before: do not wait {KeyLifetimes.Overlap.TotalHours:N0} hours.",
        };
        var command = new TaughtCommand("rotate", "Takes the next step of replacing the authority, without a moment in which services do not believe each other.")
        {
            Examples = [("twite keys rotate --dir keys", "says what it did, and what to do before the next step")],
        };
        folder.AddTo(command);
        command.Options.Add(now);
        runner.Handle(command, quiet: true, (context, _) =>
        {
            var state = folder.Open(context).Rotate(context.Parsed.GetValue(now));
            context.Terminal.Out.WriteLine(state switch
            {
                { Next: { } next } => $"Step 1 of 3: authority {next} is in every ca.pem beside authority {state.Issuer}, which still issues. "
                    + "Bring the new ca.pem to every service and restart them one after the other; then: twite keys rotate.",
                { Previous: { } previous } => $"Step 2 of 3: authority {state.Issuer} has issued all certificates anew; authority {previous} is still trusted. "
                    + "Bring each service its new files and restart them one after the other; then: twite keys rotate.",
                _ => $"Step 3 of 3: authority {state.Issuer} alone is trusted. Bring the new ca.pem to every service and restart them one after the other; then it is done.",
            });
            return Task.FromResult(ExitCodes.Ok);
        });
        return command;
    }

    private static TaughtCommand Show(FolderOptions folder, CommandRunner runner)
    {
        var command = new TaughtCommand("show", "Lists who has a certificate, from whom, and until when. The exit code is 1 when one is no good.")
        {
            Examples = [("twite keys show", "those that twite up made")],
        };
        folder.AddTo(command);
        runner.Handle(command, quiet: true, (context, _) =>
        {
            var keys = folder.Open(context);
            var certificates = keys.Show();
            if (certificates.Count == 0)
            {
                throw new UsageException($"There are no keys in {folder.Path(context)}. Make some: twite keys --dir {folder.Path(context)}");
            }
            var now = TimeProvider.System.GetUtcNow();
            var table = new Table().Border(TableBorder.Simple).AddColumns("name", "issuer", "from", "until", "state");
            foreach (var one in certificates)
            {
                table.AddRow(
                    one.Name, Markup.Escape(one.Issuer), one.From.ToString("yyyy-MM-dd"), one.Until.ToString("yyyy-MM-dd"),
                    Markup.Escape(one.Problem ?? (one.Until - now < KeyLifetimes.WarnBefore ? "expires soon: twite keys renews it" : "good")));
            }
            context.Terminal.Drawing.Write(table);
            context.Terminal.Out.WriteLine(keys.Authorities is { } state
                ? $"Authority {state.Issuer} issues since {state.Since:yyyy-MM-dd}; trusted are {string.Join(", ", state.Trusted)}."
                : "The authority is elsewhere.");
            return Task.FromResult(certificates.Any(c => c.Problem is not null) ? ExitCodes.Failed : ExitCodes.Ok);
        });
        return command;
    }

    /// <summary>Which keys are meant; the same to each of these commands.</summary>
    private sealed class FolderOptions(ProgramOptions options)
    {
        private readonly Option<string?> _directory = new("--dir") { Description = "Where the keys are. Default: keys in the data directory, as twite up has them.", HelpName = "DIR" };
        private readonly Option<string?> _authority = new("--authority") { Description = "Where the authority is, when it was moved away. Default: authority within the keys.", HelpName = "DIR" };

        public void AddTo(Command command)
        {
            command.Options.Add(_directory);
            command.Options.Add(_authority);
            command.Options.Add(options.Data);
        }

        public string Path(CommandContext context) =>
            System.IO.Path.GetFullPath(context.Parsed.GetValue(_directory) ?? context.KeyDirectory);

        public KeyFolder Open(CommandContext context) => KeyFolder.At(
            Path(context), context.Parsed.GetValue(_authority) is { } authority ? System.IO.Path.GetFullPath(authority) : null, TimeProvider.System);
    }
}
