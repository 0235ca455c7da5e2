using System.Diagnostics;

namespace Twite.Processes;

/// <summary>One node of a broker: a process that is started, killed and started again. What it writes is in a file of its folder.</summary>
/// <param name="folder">Its folder, as <c>twite keys broker</c> wrote it; what it keeps is there too.</param>
/// <param name="keeps">The folder within that has what it keeps.</param>
internal sealed class BrokerNode(string folder, string keeps) : IAsyncDisposable
{
    private Process? _process;

    /// <summary>Its folder.</summary>
    public string Folder => folder;

    /// <summary>Where it keeps what it must not lose.</summary>
    public string Data => Path.Combine(folder, keeps);

    /// <summary>What it wrote.</summary>
    public string Output => File.Exists(Path.Combine(folder, "output")) ? File.ReadAllText(Path.Combine(folder, "output")) : "";

    /// <summary>Starts it; nothing is ready yet.</summary>
    /// <param name="command">The command.</param>
    /// <param name="environment">What is added to the environment.</param>
    public void Start(string command, IReadOnlyDictionary<string, string> environment)
    {
        // The shell becomes the broker: its process is the one that is killed.
        var start = Shell($"exec >>\"$1\" 2>&1 </dev/null; exec env {command}", Path.Combine(folder, "output"), environment);
        _process?.Dispose();
        _process = Process.Start(start)!;
    }

    /// <summary>Ends it as a power cut would.</summary>
    public async Task KillAsync()
    {
        if (_process is { HasExited: false } process)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    /// <summary>Runs a command on its machine.</summary>
    /// <param name="command">The command.</param>
    /// <param name="environment">What is added to the environment.</param>
    /// <returns>Whether it ended well, and what it wrote.</returns>
    public static async Task<(bool IsOk, string Output)> RunAsync(string command, IReadOnlyDictionary<string, string> environment)
    {
        var start = Shell($"exec 2>&1 </dev/null; exec env {command}", "", environment);
        start.RedirectStandardOutput = true;
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode == 0, output);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process?.Dispose();
    }

    private static ProcessStartInfo Shell(string script, string argument, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", script, "sh", argument]);
        // Debian's wrapper of RabbitMQ changes to a user of its own.
        start.Environment["PATH"] = $"/usr/lib/rabbitmq/bin:/usr/sbin:{Environment.GetEnvironmentVariable("PATH")}";
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }
        return start;
    }
}
