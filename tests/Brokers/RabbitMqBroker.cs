using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;

namespace Anywire.Brokers;

/// <summary>A RabbitMQ of the tests' own: in a directory of its own, on loopback, removed with all that it has when it is disposed. What Debian's package may
/// have started is neither needed nor touched. Any thread may use it.</summary>
public sealed class RabbitMqBroker : IAsyncDisposable
{
    private const string Programs = "/usr/lib/rabbitmq/bin";
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(120);

    private readonly string _directory = Directory.CreateTempSubdirectory("twite-rabbitmq-").FullName;
    private readonly string _node;
    private readonly int _distributionPort;
    private readonly int _portMapperPort = LoopbackPort.Free();
    private Process? _process;

    private readonly int _maxMessageBytes;

    private RabbitMqBroker(int maxMessageBytes)
    {
        _maxMessageBytes = maxMessageBytes;
        (Port, _distributionPort) = (LoopbackPort.Free(), LoopbackPort.Free());
        _node = $"twite{Port}@localhost";
    }

    /// <summary>Where it listens on loopback.</summary>
    public int Port { get; }

    /// <summary>Makes one and starts it.</summary>
    /// <param name="maxMessageBytes">The largest message that it takes. Default: what it has itself.</param>
    public static async Task<RabbitMqBroker> StartAsync(int maxMessageBytes = 128 * 1024 * 1024)
    {
        if (!File.Exists($"{Programs}/rabbitmq-server"))
        {
            throw new InvalidOperationException($"There is no RabbitMQ in {Programs}. Run eng/install-test-packages.");
        }
        var broker = new RabbitMqBroker(maxMessageBytes);
        await broker.PrepareAsync();
        await broker.StartAgainAsync();
        return broker;
    }

    /// <summary>Starts it after <see cref="KillAsync"/>, on the same port; returns when it takes connections.</summary>
    public async Task StartAgainAsync()
    {
        _process = Run($"{Programs}/rabbitmq-server");
        await LoopbackPort.WaitAsync(Port, _process, Output, StartTimeout);
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
        await EndPortMapperAsync();
        Directory.Delete(_directory, recursive: true);
    }

    // Erlang starts it beside the broker, and it stays.
    private async Task EndPortMapperAsync()
    {
        using var ending = Process.Start(new ProcessStartInfo("epmd", ["-port", _portMapperPort.ToString(CultureInfo.InvariantCulture), "-kill"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        });
        await ending!.WaitForExitAsync();
    }

    private string Output => Path.Combine(_directory, "output");

    private async Task PrepareAsync()
    {
        var cookie = Path.Combine(_directory, ".erlang.cookie");
        await File.WriteAllTextAsync(cookie, RandomNumberGenerator.GetHexString(20));
        if (!OperatingSystem.IsWindows())
        {
            // Erlang refuses a cookie that others can read.
            File.SetUnixFileMode(cookie, UnixFileMode.UserRead);
        }
        await File.WriteAllTextAsync(Path.Combine(_directory, "rabbitmq.conf"), string.Create(CultureInfo.InvariantCulture,
            $"""
            listeners.tcp.1 = 127.0.0.1:{Port}
            log.console = false
            max_message_size = {_maxMessageBytes}
            disk_free_limit.absolute = 50MB
            """));
        await File.WriteAllTextAsync(Path.Combine(_directory, "enabled_plugins"), "[].");
    }

    private Process Run(string program)
    {
        // Its output is not read through a pipe: that would stay open for as long as anything it started runs.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "out=$1; shift; exec \"$@\" >\"$out\" 2>&1 </dev/null", "sh", Output, program]) { WorkingDirectory = _directory };
        var environment = start.Environment;
        environment["HOME"] = _directory;
        environment["RABBITMQ_NODENAME"] = _node;
        environment["RABBITMQ_CONFIG_FILE"] = Path.Combine(_directory, "rabbitmq.conf");
        environment["RABBITMQ_MNESIA_BASE"] = Path.Combine(_directory, "mnesia");
        environment["RABBITMQ_LOG_BASE"] = Path.Combine(_directory, "log");
        environment["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(_directory, "enabled_plugins");
        environment["RABBITMQ_DIST_PORT"] = _distributionPort.ToString(CultureInfo.InvariantCulture);
        environment["RABBITMQ_PID_FILE"] = Path.Combine(_directory, "pid");
        environment["RABBITMQ_CONF_ENV_FILE"] = "/dev/null";
        environment["ERL_EPMD_PORT"] = _portMapperPort.ToString(CultureInfo.InvariantCulture);
        environment["ERL_EPMD_ADDRESS"] = "127.0.0.1";
        environment["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "+S 2:2 -kernel inet_dist_use_interface {127,0,0,1}";
        return Process.Start(start) ?? throw new Win32Exception($"{program} did not start.");
    }
}
