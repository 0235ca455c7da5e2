using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Twite.Faults.Network;

/// <summary>The program as people run it: a process of its own.</summary>
internal static class TwiteProgram
{
    private static readonly TimeSpan CommandTimeout = TimeSpan.FromMinutes(2);

    /// <summary>How to start it with some arguments; output and errors are redirected.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="database">The connection string of its PostgreSQL; null for files.</param>
    public static ProcessStartInfo StartInfo(IEnumerable<string> arguments, string? database = null)
    {
        var info = new ProcessStartInfo("dotnet", [Path(), .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        if (database is not null)
        {
            info.Environment["Storage__ConnectionString"] = database;
        }
        return info;
    }

    /// <summary>Runs a command to its end; the tables are in files.</summary>
    /// <returns>What it wrote.</returns>
    public static Task<string> RunAsync(params string[] arguments) => RunOnAsync(null, arguments);

    /// <summary>Runs a command to its end.</summary>
    /// <param name="database">As for <see cref="StartInfo"/>.</param>
    /// <param name="arguments">The command line.</param>
    /// <returns>What it wrote.</returns>
    public static async Task<string> RunOnAsync(string? database, params string[] arguments)
    {
        using var process = Process.Start(StartInfo(arguments, database))!;
        process.StandardInput.Close();
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(CommandTimeout);
        Assert.True(process.ExitCode == 0, $"twite {string.Join(' ', arguments)} ended with {process.ExitCode}: {await errors}");
        return await output;
    }

    /// <summary>The file of a topology that comes with the program, or will.</summary>
    /// <param name="name">Its name.</param>
    public static string TopologyPath(string name) => System.IO.Path.Combine(Root(), "topologies", name + ".json");

    // The same configuration as this test's own.
    private static string Path() =>
        System.IO.Path.Combine(Root(), "src", "Twite", "bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net10.0", "twite.dll");

    private static string Root([CallerFilePath] string thisFile = "") =>
        System.IO.Path.GetFullPath(System.IO.Path.Combine(System.IO.Path.GetDirectoryName(thisFile)!, "..", "..", ".."));
}
