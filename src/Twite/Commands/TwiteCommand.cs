using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Twite.Commands;

/// <summary>The command line: one verb per thing that people do with the program.</summary>
internal static class TwiteCommand
{
    private static readonly IReadOnlyList<(string Line, string Meaning)> Examples =
    [
        ("twite run", "start a network here: http://localhost:5141, files in ./data"),
        ("twite up", "the same with each service as a process of its own"),
        ("twite seed --demo", "first fill it with a thousand people who have something to say"),
        ("twite admin token alice", "an API token, to post from a script"),
        ("twite topology grpc", "show who calls whom, on which wire"),
        ("twite doctor", "what is missing, and how to get it"),
        ("twite compare --quick", "measure what each wire costs, and write a report"),
        ("twite run --help", "each command explains itself"),
    ];

    /// <summary>Runs one command line.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, Terminal terminal, CancellationToken cancellationToken)
    {
        var options = new ProgramOptions();
        var runner = new CommandRunner(options, [.. arguments.Where(Settings.IsSetting)], terminal);
        var commandLine = arguments.Where(a => !Settings.IsSetting(a)).ToList();
        var parsed = Create(options, runner).Parse(commandLine.Count > 0 ? commandLine : ["--help"]);
        if (parsed.Action is ParseErrorAction or null || (parsed.Errors.Count > 0 && parsed.Action is not TeachingHelp))
        {
            var name = NameOf(parsed.CommandResult.Command);
            var problem = parsed.UnmatchedTokens.Count > 0
                ? $"{name} knows no \"{parsed.UnmatchedTokens[0]}\"."
                : string.Join(' ', parsed.Errors.Select(e => e.Message).Distinct());
            return runner.Say(new Failure(ExitCodes.Usage, $"{problem} Try: {name} --help"));
        }
        return await parsed.InvokeAsync(
            new InvocationConfiguration
            {
                Output = terminal.Out,
                Error = terminal.Error,
                EnableDefaultExceptionHandler = false,
                // Commands stop in their own way and their own time.
                ProcessTerminationTimeout = null,
            },
            cancellationToken);
    }

    private static string NameOf(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{NameOf(parent)} {command.Name}" : "twite";

    private static RootCommand Create(ProgramOptions options, CommandRunner runner)
    {
        var root = new RootCommand("Twite: a social network for messages of 141 characters, in one program.")
        {
            options.Verbose,
            RunCommand.Create(options, runner),
            UpCommand.Create(options, runner),
            SeedCommand.Create(options, runner),
            AdminCommand.Create(options, runner),
            TopologyCommand.Create(options, runner),
            KeysCommand.Create(options, runner),
            QueueCommand.Create(options, runner),
            DoctorCommand.Create(options, runner),
            CompareCommand.Create(options, runner),
            CompareCommand.CreateWorker(runner),
        };
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new TeachingHelp((HelpAction)help.Action!, Examples);
        return root;
    }
}
