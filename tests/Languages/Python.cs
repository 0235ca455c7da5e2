using System.Diagnostics;

namespace Twite.Languages;

/// <summary>The examples in Python, run by Debian's own interpreter: that has Debian's packages.</summary>
internal static class Python
{
    private const string Interpreter = "/usr/bin/python3";

    /// <summary>How to start an example.</summary>
    public static ProcessStartInfo StartInfo(string script, params IEnumerable<string> arguments) => RunningProgram.Redirected(
        // -B: nothing is left behind in the tree.
        Interpreter, ["-B", Path.Combine(Network.Root, "examples", "python", script), .. arguments]);

    /// <summary>A script that is of these tests and no example; started as those are.</summary>
    public static string Script(string name) => Path.Combine(Network.Root, "tests", "Languages", "Scripts", name);

    /// <summary>Runs an example to its end.</summary>
    /// <param name="script">Which.</param>
    /// <param name="input">What it can read on standard input.</param>
    /// <param name="arguments">Its arguments.</param>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string script, string input, params string[] arguments)
    {
        using var process = Process.Start(StartInfo(script, arguments))!;
        await process.StandardInput.WriteLineAsync(input);
        process.StandardInput.Close();
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        return (process.ExitCode, await output, await errors);
    }
}
