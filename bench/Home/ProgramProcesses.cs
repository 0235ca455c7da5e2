using System.Diagnostics;
using Twite.Hosting;

namespace Twite.Bench.Home;

/// <summary>The program as people run it: one process by <c>twite run</c>, or one for each service by <c>twite up</c>.</summary>
internal sealed class ProgramProcesses : IAsyncDisposable
{
    private static readonly string[] Services = ["accounts", "messages", "follows", "notifications", "web"];
    private static readonly TimeSpan KernelTick = TimeSpan.FromMilliseconds(10);

    private readonly Process _process;

    private ProgramProcesses(Process process, string url) => (_process, Url) = (process, url);

    public string Url { get; }

    /// <summary>Starts it on a copy of some files, and waits until it is up.</summary>
    /// <param name="directory">Where it may write.</param>
    /// <param name="data">The files.</param>
    /// <param name="wire">The address of every boundary, with a place for the port; empty for one process.</param>
    public static async Task<ProgramProcesses> StartAsync(string directory, string data, string wire)
    {
        var own = Path.Combine(directory, "data");
        Directory.CreateDirectory(own);
        foreach (var file in Directory.EnumerateFiles(data))
        {
            File.Copy(file, Path.Combine(own, Path.GetFileName(file)));
        }
        var ports = UnusedPorts.Find(Services.Length + 1).ToList();
        var url = $"http://127.0.0.1:{ports[^1]}";
        var topology = Path.Combine(directory, "topology.json");
        await File.WriteAllTextAsync(topology, $$"""
            { "services": { {{string.Join(", ", Services.Zip(ports, (s, p) => $"\"{s}\": {{ \"listen\": [\"{wire.Replace("{0}", $"{p}", StringComparison.Ordinal)}\"] }}"))}} } }
            """);
        string[] how = wire.Length == 0 ? ["run"] : ["up", "--topology", topology];
        var process = Process.Start(StartInfo([.. how, "--data", own, "--urls", url, "--Logging:LogLevel:Default=Warning"]))!;
        process.ErrorDataReceived += static (_, line) => Console.Error.WriteLine(line.Data);
        process.BeginErrorReadLine();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Contains("Twite is at", StringComparison.Ordinal))
            {
                return new ProgramProcesses(process, url);
            }
        }
        throw new InvalidOperationException($"The network over \"{wire}\" ended by itself.");
    }

    /// <summary>Runs a command to its end.</summary>
    public static async Task RunAsync(string input, params string[] arguments)
    {
        using var process = Process.Start(StartInfo(arguments))!;
        await process.StandardInput.WriteLineAsync(input);
        process.StandardInput.Close();
        var said = process.StandardError.ReadToEndAsync();
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException(await said);
        }
    }

    /// <summary>What it and its children have used.</summary>
    public TimeSpan Cpu()
    {
        var stats = Directory.EnumerateDirectories("/proc").Where(d => int.TryParse(Path.GetFileName(d), out _)).Select(Stat).OfType<string[]>().ToList();
        return stats.Where(s => s[0] == $"{_process.Id}" || s[3] == $"{_process.Id}").Aggregate(
            TimeSpan.Zero, (sum, s) => sum + (KernelTick * (double.Parse(s[13]) + double.Parse(s[14]))));
    }

    public async ValueTask DisposeAsync()
    {
        using (var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]))
        {
            await kill.WaitForExitAsync();
        }
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    // As proc_pid_stat(5) counts its fields, from 0: pid, name, state, parent, …; null for a process that has just ended.
    private static string[]? Stat(string process)
    {
        try
        {
            var stat = File.ReadAllText(Path.Combine(process, "stat"));
            return [Path.GetFileName(process), "", .. stat[(stat.LastIndexOf(')') + 2)..].Split(' ')];
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static ProcessStartInfo StartInfo(IEnumerable<string> arguments) => new("dotnet", [Program(), .. arguments])
    {
        UseShellExecute = false,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    };

    private static string Program()
    {
        var root = AppContext.BaseDirectory[..AppContext.BaseDirectory.LastIndexOf($"{Path.DirectorySeparatorChar}bench{Path.DirectorySeparatorChar}", StringComparison.Ordinal)];
        return Path.Combine(root, "src", "Twite", "bin", "Release", "net10.0", "twite.dll");
    }
}
