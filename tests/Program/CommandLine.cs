using Twite.Commands;

namespace Twite.ProgramTests;

/// <summary>What a command line came to.</summary>
internal sealed record CommandResult(int ExitCode, string Output, string Errors);

/// <summary>The program's entry point, with streams of the test's own, and a directory that is removed afterwards.</summary>
internal sealed class CommandLine : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("twite-program-");

    /// <summary>A data directory that does not exist yet.</summary>
    public string Data => PathOf("data");

    /// <summary>A path in the test's directory.</summary>
    public string PathOf(string name) => Path.Combine(_directory.FullName, name);

    /// <summary>Writes a file in the test's directory.</summary>
    public string Write(string name, string text)
    {
        File.WriteAllText(PathOf(name), text);
        return PathOf(name);
    }

    /// <summary>Runs a command line to its end.</summary>
    public Task<CommandResult> RunAsync(params string[] arguments) => RunWithInputAsync("", arguments);

    /// <inheritdoc cref="RunAsync"/>
    public async Task<CommandResult> RunWithInputAsync(string input, params string[] arguments)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var code = await TwiteCommand.RunAsync(arguments, new Terminal(new StringReader(input), output, errors), CancellationToken.None);
        return new CommandResult(code, output.ToString(), errors.ToString());
    }

    public void Dispose() => _directory.Delete(recursive: true);
}
