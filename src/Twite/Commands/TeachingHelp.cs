using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Twite.Commands;

/// <summary>The usual help with examples under it.</summary>
internal sealed class TeachingHelp(HelpAction usual, IReadOnlyList<(string Line, string Meaning)> rootExamples) : SynchronousCommandLineAction
{
    private const string ExitCodesText = """
        Exit codes:
          0  done, or stopped as asked
          1  it could not be done; the message says why
          2  it was asked for wrongly: the command line, a topology, a setting or an input file

        Settings are read from appsettings.json, the environment (Web__MaxSignUps=20) and the command line (--Web:MaxSignUps=20).

        """;

    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        var result = usual.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        var command = parseResult.CommandResult.Command;
        var examples = command switch
        {
            TaughtCommand taught => taught.Examples,
            RootCommand => rootExamples,
            _ => [],
        };
        if (examples.Count > 0)
        {
            output.WriteLine("Examples:");
            var width = examples.Max(e => e.Line.Length);
            foreach (var (line, meaning) in examples)
            {
                output.WriteLine($"  {line.PadRight(width)}   {meaning}");
            }
            output.WriteLine();
        }
        if (command is RootCommand)
        {
            output.Write(ExitCodesText);
        }
        return result;
    }
}
