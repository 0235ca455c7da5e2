using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Anywire.Brokers;

/// <summary>A NATS server of the tests' own: in a directory of its own, on loopback, removed with all that it has when it is disposed. Any thread may use it.</summary>
public sealed class NatsBroker : IAsyncDisposable
{
    private const string Program = "/usr/sbin/nats-server";
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private readonly string _directory = Directory.CreateTempSubdirectory("twite-nats-").FullName;
    private Process? _process;

    private NatsBroker() => Port = LoopbackPort.Free();

    /// <summary>Where it listens on loopback.</summary>
    public int Port { get; }

    /// <summary>Makes one and starts it.</summary>
    public static async Task<NatsBroker> StartAsync()
    {
        if (!File.Exists(Program))
        {
            throw new InvalidOperationException($"There is no NATS server at {Program}. Run eng/install-test-packages.");
        }
        var broker = new NatsBroker();
        await File.WriteAllTextAsync(broker.Configuration, string.Create(CultureInfo.InvariantCulture,
            $$"""
            listen: "127.0.0.1:{{broker.Port}}"
            max_payload: 8388608
            jetstream { store_dir: "{{broker._directory}}/jetstream" }
            """));
        await broker.StartAgainAsync();
        return broker;
    }

    /// <summary>Starts it after <see cref="KillAsync"/>, on the same port; returns when it takes connections.</summary>
    public async Task StartAgainAsync()
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", "out=$1; shift; exec \"$@\" >\"$out\" 2>&1 </dev/null", "sh", Output, Program, "-c", Configuration]);
        _process = Process.Start(start) ?? throw new Win32Exception($"{Program} did not start.");
        await LoopbackPort.WaitAsync(Port, _process, Output, StartTimeout);
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

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process?.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private string Configuration => Path.Combine(_directory, "nats.conf");

    private string Output => Path.Combine(_directory, "output");
}
