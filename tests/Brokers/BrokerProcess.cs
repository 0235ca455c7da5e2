using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Anywire.Brokers;

/// <summary>A broker's directory and process.</summary>
/// <param name="name">What the directory is called after.</param>
/// <param name="program">The broker's program.</param>
/// <param name="port">Where it listens on loopback.</param>
internal sealed class BrokerProcess(string name, string program, int port) : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(20);

    private Process? _process;

    /// <summary>Its own; removed in the end.</summary>
    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory($"twite-{name}-").FullName;

    private string Output => Path.Combine(Directory, "output");

    /// <summary>Starts it; returns when it takes connections.</summary>
    /// <exception cref="InvalidOperationException">It is not installed, or has ended; the message says why.</exception>
    public async Task StartAsync(IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        if (!File.Exists(program))
        {
            throw new InvalidOperationException($"There is no {program}. Run eng/install-test-packages.");
        }
        // Its output is not read through a pipe: that would stay open for as long as anything it started runs.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "out=$1; shift; exec \"$@\" >\"$out\" 2>&1 </dev/null", "sh", Output, program, .. arguments]) { WorkingDirectory = Directory };
        foreach (var (key, value) in environment)
        {
            start.Environment[key] = value;
        }
        _process = Process.Start(start) ?? throw new Win32Exception($"{program} did not start.");
        using var patience = new CancellationTokenSource(StartTimeout);
        while (true)
        {
            if (_process.HasExited)
            {
                throw new InvalidOperationException($"{program} ended with {_process.ExitCode}: {await File.ReadAllTextAsync(Output, patience.Token)}");
            }
            using var socket = new TcpClient();
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, port, patience.Token);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(Glance, TimeProvider.System, patience.Token);
            }
        }
    }

    /// <summary>What it has used of the processors since it was started.</summary>
    public TimeSpan CpuTime => CpuTimeOf(_process!.Id);

    /// <summary>What a process has used of the processors.</summary>
    public static TimeSpan CpuTimeOf(int id)
    {
        using var process = Process.GetProcessById(id);
        return process.TotalProcessorTime;
    }

    /// <summary>Ends it as a power cut would.</summary>
    public async Task KillAsync()
    {
        if (_process is { HasExited: false } process)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process?.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
    }
}
