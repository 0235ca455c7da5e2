using Spectre.Console;

namespace Twite.Commands;

/// <summary>What a command reads from and writes to. The output is the result alone; everything else goes to the error stream.</summary>
/// <param name="In">Standard input.</param>
/// <param name="Out">Standard output.</param>
/// <param name="Error">The error stream.</param>
internal sealed record Terminal(TextReader In, TextWriter Out, TextWriter Error)
{
    /// <summary>The process's own streams.</summary>
    public static Terminal Process => new(Console.In, Console.Out, Console.Error);

    /// <summary>Whether the error stream goes anywhere but to a terminal.</summary>
    public bool IsErrorRedirected => !ReferenceEquals(Error, Console.Error) || Console.IsErrorRedirected;

    /// <summary>The output as something to draw on; as wide as it needs when it is no terminal.</summary>
    public IAnsiConsole Drawing => DrawOn(Out, isRedirected: Console.IsOutputRedirected);

    /// <summary>The error stream as something to draw on.</summary>
    public IAnsiConsole Progress => DrawOn(Error, isRedirected: Console.IsErrorRedirected);

    private static IAnsiConsole DrawOn(TextWriter writer, bool isRedirected)
    {
        var interactive = !isRedirected && (ReferenceEquals(writer, Console.Out) || ReferenceEquals(writer, Console.Error));
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = interactive ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = interactive ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = interactive ? InteractionSupport.Detect : InteractionSupport.No,
        });
        if (!interactive)
        {
            console.Profile.Width = 200;
        }
        return console;
    }
}
