using System.CommandLine;
using Twite.Contracts;
using Twite.Hosting;
using Twite.Topologies;

namespace Twite.Commands;

/// <summary><c>twite admin</c>: what an operator does, while the network runs and while it does not.</summary>
internal static class AdminCommand
{
    public static Command Create(ProgramOptions options, CommandRunner runner)
    {
        var command = new TaughtCommand("admin", "Accounts, tokens, backups, parked events. Works on the files, or the database, directly: while the network runs and while it does not.")
        {
            Examples =
            [
                ("echo 'correct horse battery' | twite admin create-account alice --password-stdin", "make an account"),
                ("TOKEN=$(twite admin token alice)", "make an API token; it is shown once"),
                ("curl -H \"Authorization: Bearer $TOKEN\" -d status=Hello http://localhost:5141/api/v1/statuses", "and post with it"),
                ("twite admin suspend mallory", "nobody sees mallory's messages any more, and mallory cannot log in"),
                ("twite admin backup /backups/$(date +%F)", "all services as of one moment"),
            ],
        };
        command.Subcommands.Add(CreateAccount(options, runner));
        command.Subcommands.Add(Token(options, runner));
        command.Subcommands.Add(SetSuspended(
            options, runner, "suspend", suspended: true, "Suspends an account: its messages are hidden, its sessions and tokens are of no use, and it cannot log in. Nothing is removed.",
            "is suspended: nobody sees its messages, and it cannot log in."));
        command.Subcommands.Add(SetSuspended(
            options, runner, "unsuspend", suspended: false, "Lifts a suspension: all is as it was.", "is not suspended: its messages are seen, and it can log in."));
        command.Subcommands.Add(BackupCommands.CreateBackup(options, runner));
        command.Subcommands.Add(BackupCommands.CreateRestore(options, runner));
        command.Subcommands.Add(ParkedCommand.Create(options, runner));
        return command;
    }

    private static TaughtCommand CreateAccount(ProgramOptions options, CommandRunner runner)
    {
        var name = Name("The account's name: 1 to 30 of a to z, 0 to 9 and _.");
        var fromStdin = new Option<bool>("--password-stdin")
        {
            Description = "Reads the password, 8 to 128 characters, from the first line of standard input: no list of processes shows it.",
        };
        var command = new TaughtCommand("create-account", "Makes an account.")
        {
            Examples = [("twite admin create-account alice --password-stdin < password.txt", "from a file")],
        };
        command.Arguments.Add(name);
        command.Options.Add(fromStdin);
        command.Options.Add(options.Data);
        command.Validators.Add(result =>
        {
            if (!result.GetValue(fromStdin))
            {
                result.AddError("Say that the password comes on standard input: --password-stdin.");
            }
        });
        runner.Handle(command, quiet: true, async (context, cancellationToken) =>
        {
            var password = await context.Terminal.In.ReadLineAsync(cancellationToken);
            if (string.IsNullOrEmpty(password))
            {
                throw new UsageException("There was no password on standard input. Pipe it in: echo 'the password' | twite admin create-account NAME --password-stdin");
            }
            var storage = Composition.StorageOf("accounts", context.ToolOptions());
            var isNew = storage.Server is null && !File.Exists(storage.Path);
            var reply = await CallAsync(context, (accounts, token) => accounts.SignUpAsync(
                new SignUpRequest { Name = context.Parsed.GetRequiredValue(name), Password = password, Label = "twite admin" }, cancellationToken: token).ResponseAsync, cancellationToken);
            var place = storage.Server?.ToString() ?? context.DataDirectory;
            context.Terminal.Out.WriteLine($"{reply.Account.Name} can log in now; the account's id is {reply.Account.Id}, in {place}{(isNew ? ", a new network" : "")}.");
            return ExitCodes.Ok;
        });
        return command;
    }

    private static TaughtCommand Token(ProgramOptions options, CommandRunner runner)
    {
        var name = Name("The account's name.");
        var label = new Option<string>("--label")
        {
            Description = "What the token is for, in the account's list of sessions.",
            HelpName = "TEXT",
            DefaultValueFactory = _ => "twite admin",
        };
        var command = new TaughtCommand("token", "Makes an API token for an account and prints it: the only time it is shown.")
        {
            Examples = [("twite admin token alice --label 'weather bot' > bot.token", "keep it where only its program can read it")],
        };
        command.Arguments.Add(name);
        command.Options.Add(label);
        command.Options.Add(options.Data);
        runner.Handle(command, quiet: true, async (context, cancellationToken) =>
        {
            var reply = await CallAsync(context, (accounts, token) => accounts.CreateTokenAsync(
                new CreateTokenRequest { Name = context.Parsed.GetRequiredValue(name), Label = context.Parsed.GetRequiredValue(label) }, cancellationToken: token).ResponseAsync, cancellationToken);
            context.Terminal.Out.WriteLine(reply.Token);
            return ExitCodes.Ok;
        });
        return command;
    }

    private static TaughtCommand SetSuspended(ProgramOptions options, CommandRunner runner, string verb, bool suspended, string description, string said)
    {
        var name = Name("The account's name.");
        var command = new TaughtCommand(verb, description)
        {
            Examples = [($"twite admin {verb} mallory", "a running network acts on it within 5 s")],
        };
        command.Arguments.Add(name);
        command.Options.Add(options.Data);
        runner.Handle(command, quiet: true, async (context, cancellationToken) =>
        {
            var typed = context.Parsed.GetRequiredValue(name);
            var account = await CallAsync(context, async (accounts, token) =>
            {
                var found = await accounts.ListAccountsAsync(new ListAccountsRequest { Names = { typed } }, cancellationToken: token);
                return found.Accounts is [var one]
                    ? await accounts.SetSuspendedAsync(new SetSuspendedRequest { Id = one.Id, Suspended = suspended }, cancellationToken: token)
                    : throw new FailureException(new Failure(ExitCodes.Failed, $"There is no account with the name {typed}."));
            }, cancellationToken);
            context.Terminal.Out.WriteLine($"{account.Name} {said}");
            return ExitCodes.Ok;
        });
        return command;
    }

    private static Argument<string> Name(string description) => new("NAME") { Description = description };

    private static async Task<T> CallAsync<T>(
        CommandContext context, Func<AccountsService.AccountsServiceClient, CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        await using var host = await TwiteHost.StartAsync(context.ToolOptions("accounts") with { Alongside = true }, cancellationToken);
        return await call(new AccountsService.AccountsServiceClient(host.Connect(ServiceCatalog.Admin, "accounts")), cancellationToken);
    }
}
