using System.CommandLine;
using Microsoft.Extensions.Logging;

namespace Twite.Commands;

/// <summary>Runs a command's work: gives it what it works with, and puts what goes wrong in people's words.</summary>
internal sealed class CommandRunner(ProgramOptions options, IReadOnlyList<string> settings, Terminal terminal)
{
    /// <summary>Sets what a command does.</summary>
    /// <param name="command">The command.</param>
    /// <param name="quiet">As for <see cref="CommandContext"/>.</param>
    /// <param name="work">What it does; its result is the exit code.</param>
    public void Handle(Command command, bool quiet, Func<CommandContext, CancellationToken, Task<int>> work)
    {
        command.SetAction(async (parsed, cancellationToken) =>
        {
            CommandContext context;
            try
            {
                context = new CommandContext(parsed, settings, options, terminal, quiet);
            }
            catch (Exception error)
            {
                return Say(Failure.Of(error));
            }
            using var disposing = context;
            try
            {
                return await work(context, cancellationToken);
            }
            catch (Exception error)
            {
                ProgramLog.Failed(context.Loggers.CreateLogger<CommandRunner>(), error);
                return Say(Failure.Of(error));
            }
        });
    }

    /// <summary>Says what went wrong.</summary>
    /// <returns>The exit code.</returns>
    public int Say(Failure failure)
    {
        try
        {
            terminal.Error.WriteLine(failure.Message);
        }
        catch (IOException)
        {
            // The stream leads to a full disk, say. The exit code still tells.
        }
        return failure.ExitCode;
    }
}
