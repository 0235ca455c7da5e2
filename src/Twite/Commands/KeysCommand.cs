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
        var folder = new KeyFolderOptions(options);
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
        command.Subcommands.Add(KeysBrokerCommand.Create(options, folder, runner));
        command.Subcommands.Add(Rotate(folder, runner));
        command.Subcommands.Add(Show(folder, runner));
        return command;
    }

    private static int Update(CommandContext context, KeyFolderOptions folder)
    {
        var made = folder.Open(context).Update(ServiceCatalog.Services.Keys);
        SayMade(context, made);
        context.Terminal.Out.WriteLine(made.AreNone
            ? $"All certificates in {folder.Path(context)} are good; nothing was changed."
            : $"They are in {folder.Path(context)}. What runs already uses them once it is restarted.");
        return ExitCodes.Ok;
    }

    /// <summary>Says what was made, a line each.</summary>
    public static void SayMade(CommandContext context, KeyChanges made)
    {
        foreach (var (name, why) in made.Certificates)
        {
            context.Terminal.Out.WriteLine($"{name} has a new certificate: {why}.");
        }
        // Whoever is new has all files anew.
        if (made.MessageKeys.Except(made.Certificates.Select(m => m.Name), StringComparer.Ordinal).ToList() is { Count: > 0 } others)
        {
            context.Terminal.Out.WriteLine($"{string.Join(", ", others)}: message-keys.json has changed. It matters only where messages go through a broker.");
        }
    }

    private static TaughtCommand Issue(KeyFolderOptions folder, CommandRunner runner)
    {
        var name = new Argument<string>("NAME") { Description = "The client's or service's name; contracts say which callers a method allows." };
        var command = new TaughtCommand("issue", "Makes a certificate for a client or a service of one's own; a new one when it has one.")
        {
            Examples = [("twite keys issue bot --dir keys", "keys/bot/ca.pem, bot.pem and bot.key, over a broker also message-keys.json, are all that the program called bot needs")],
        };
        command.Arguments.Add(name);
        folder.AddTo(command);
        runner.Handle(command, quiet: true, (context, _) =>
        {
            var issued = context.Parsed.GetRequiredValue(name);
            var made = folder.Open(context).Issue(issued);
            context.Terminal.Out.WriteLine($"{Path.Combine(folder.Path(context), issued)} has ca.pem, {issued}.pem, {issued}.key{(issued == KeyFolder.Broker ? "" : " and message-keys.json")}.");
            if (made.MessageKeys.Any(n => n != issued))
            {
                context.Terminal.Out.WriteLine(
                    $"message-keys.json of all others knows the new key of {issued}. Where messages go through a broker, bring each its own and restart it; over other wires there is nothing to do.");
            }
            return Task.FromResult(ExitCodes.Ok);
        });
        return command;
    }

    private static TaughtCommand Rotate(KeyFolderOptions folder, CommandRunner runner)
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
                { Next: { } next } => $"Step 1 of 3: authority {next} is in every ca.pem beside authority {state.Issuer}, which still issues; message keys {next} are in every message-keys.json. "
                    + "Bring the new ca.pem and message-keys.json to every service and restart them one after the other; then: twite keys rotate.",
                { Previous: { } previous } => $"Step 2 of 3: authority {state.Issuer} has issued all certificates anew, and message keys {state.Issuer} are used; authority {previous} and message keys {previous} are still trusted. "
                    + "Bring each service its new files and restart them one after the other; then: twite keys rotate.",
                _ => $"Step 3 of 3: authority {state.Issuer} alone is trusted, and so are message keys {state.Issuer}. Bring the new ca.pem and message-keys.json to every service and restart them one after the other; then it is done.",
            });
            return Task.FromResult(ExitCodes.Ok);
        });
        return command;
    }

    private static TaughtCommand Show(KeyFolderOptions folder, CommandRunner runner)
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
                    Markup.Escape(one.Problem ?? StateOf(one, keys, now)));
            }
            context.Terminal.Drawing.Write(table);
            context.Terminal.Out.WriteLine(keys.Authorities is { } state
                ? $"Authority {state.Issuer} issues since {state.Since:yyyy-MM-dd}; trusted are {string.Join(", ", state.Trusted)}. Message keys have the same numbers."
                : "The authority is elsewhere.");
            return Task.FromResult(certificates.Any(c => c.Problem is not null) ? ExitCodes.Failed : ExitCodes.Ok);
        });
        return command;
    }

    private static string StateOf(IssuedCertificate certificate, KeyFolder keys, DateTimeOffset now) =>
        (certificate.Until - now < KeyLifetimes.WarnBefore ? "expires soon: twite keys renews it" : "good")
        + (keys.ProblemOfMessageKeys(certificate.Name) is { } problem ? $"; no good over a broker: {problem}" : "");
}
