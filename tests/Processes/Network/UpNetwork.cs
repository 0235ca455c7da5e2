using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Twite.Faults.Network;

namespace Twite.Processes;

/// <summary>A network that <c>twite up</c> runs, over the wire of a shipped topology on free ports, with files of its own; and the means to end its
/// processes the hard way. Disposing ends them all.</summary>
internal sealed partial class UpNetwork : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("twite-up-");
    private readonly ConcurrentQueue<string> _log = new();
    private readonly ConcurrentQueue<string> _output = new();
    private Process? _process;

    /// <summary>Makes the topology; nothing is started.</summary>
    /// <param name="topology">Which of those that are shipped: such as <c>http</c> or <c>queue</c>.</param>
    /// <param name="frontEnds">How many front ends there are; several are called web-1, web-2 and so on.</param>
    /// <param name="isOverNats">Whether what goes through RabbitMQ there goes through NATS.</param>
    public UpNetwork(string topology, int frontEnds = 1, bool isOverNats = false)
        : this(UpTopology.Of(topology, frontEnds, isOverNats))
    {
    }

    /// <summary>Writes the topology; nothing is started.</summary>
    public UpNetwork(UpTopology topology)
    {
        (var text, Services, Urls, Broker) = topology;
        File.WriteAllText(Topology, text);
    }

    /// <summary>What it consists of.</summary>
    public IReadOnlyList<string> Services { get; }

    /// <summary>Where the front ends are.</summary>
    public IReadOnlyList<string> Urls { get; }

    /// <summary>The broker that it starts as well, as its log calls it; null when it needs none.</summary>
    public string? Broker { get; }

    /// <summary>Where the first front end is.</summary>
    public string Url => Urls[0];

    /// <summary>What is added to its processes' environment.</summary>
    public Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal);

    /// <summary>Where the broker is: host and port.</summary>
    public string BrokerAddress => Regex.Match(File.ReadAllText(Topology), "(?:amqps|natss)://([^/?\"]+)").Groups[1].Value;

    /// <summary>The data directory.</summary>
    public string Data => Path.Combine(_directory.FullName, "data");

    /// <summary>What was logged so far, by all.</summary>
    public string Log => string.Join('\n', _log);

    /// <summary>What was written to standard output so far.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>The id of the parent.</summary>
    public int Id => _process!.Id;

    /// <summary>The processes that it started and that still run.</summary>
    public IReadOnlyList<int> Children => [.. Started().Select(s => s.Process).Where(IsRunning)];

    /// <summary>The file with the topology.</summary>
    public string Topology => Path.Combine(_directory.FullName, "topology.json");

    /// <summary>Starts it; nothing is ready yet.</summary>
    public void Start(params string[] more)
    {
        _log.Clear();
        _output.Clear();
        _process?.Dispose();
        var start = TwiteProgram.StartInfo(["up", "--topology", Topology, "--data", Data, "--Web:Api:MaxRequests=100000000", .. Broker is null ? Array.Empty<string>() : ["--with-broker"], .. more]);
        foreach (var (name, value) in Environment)
        {
            start.Environment[name] = value;
        }
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, line) => Keep(_log, line.Data);
        _process.OutputDataReceived += (_, line) => Keep(_output, line.Data);
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
    }

    /// <summary>Waits until it says that all are up.</summary>
    public Task WaitUntilUpAsync() => Waiting.UntilAsync(() =>
    {
        Assert.False(_process!.HasExited, $"It ended by itself:\n{Log}");
        return Output.Contains("Twite is at " + Url);
    }, () => $"the network is up\n{Log}");

    /// <summary>The process id of a service, by the last start that was logged.</summary>
    public int ProcessOf(string service) => Started().Last(s => s.Service == service).Process;

    /// <summary>Where a process shows its metrics, as the table of processes says.</summary>
    public string MetricsOf(string service) =>
        _output.Single(l => l.TrimStart().StartsWith(service + " ", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^1];

    /// <summary>How often a service was started.</summary>
    public int StartsOf(string service) => Started().Count(s => s.Service == service);

    /// <summary>After how many of its starts a service said that it was ready. What it says later, when others come and go, is not counted.</summary>
    public int ReadiesOf(string service)
    {
        var (readies, isStarting) = (0, false);
        foreach (var line in _log)
        {
            if (StartLine().Match(line) is { Success: true } start && start.Groups[1].Value == service)
            {
                isStarting = true;
            }
            else if (isStarting && (line.EndsWith($"] {service} is ready", StringComparison.Ordinal) || line.Contains($"] {service} does its work, ")))
            {
                (readies, isStarting) = (readies + 1, false);
            }
        }
        return readies;
    }

    /// <summary>Has a service be gone until <see cref="LetBackAsync"/>: its process is killed while the parent is stopped, and so starts no other.</summary>
    public async Task TakeAwayAsync(string service)
    {
        await SignalAsync("STOP", Id);
        await SignalAsync("KILL", ProcessOf(service));
    }

    /// <summary>Lets the parent go on, and waits until it has started what was taken away.</summary>
    public async Task LetBackAsync(string service)
    {
        var readies = ReadiesOf(service);
        await SignalAsync("CONT", Id);
        await Waiting.UntilAsync(() => ReadiesOf(service) > readies, () => $"{service} is ready again\n{Log}");
    }

    /// <summary>Sends a signal to a process.</summary>
    public static async Task SignalAsync(string signal, int process)
    {
        using var kill = Process.Start("kill", [$"-{signal}", process.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

    /// <summary>Has the RabbitMQ that it started do something, as its operator.</summary>
    public async Task RabbitMqCtlAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("/usr/lib/rabbitmq/bin/rabbitmqctl", arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        // Where the broker is, and by what it knows its operator, its own environment says.
        foreach (var setting in (await File.ReadAllTextAsync($"/proc/{ProcessOf(Broker!)}/environ")).Split('\0').Where(s => s.Contains('=')))
        {
            start.Environment[setting[..setting.IndexOf('=')]] = setting[(setting.IndexOf('=') + 1)..];
        }
        using var ctl = Process.Start(start)!;
        var (said, errors) = (ctl.StandardOutput.ReadToEndAsync(), ctl.StandardError.ReadToEndAsync());
        await ctl.WaitForExitAsync();
        Assert.True(ctl.ExitCode == 0, await said + await errors);
    }

    /// <summary>Waits for the parent's end.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> WaitForExitAsync()
    {
        await _process!.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(4));
        return _process.ExitCode;
    }

    /// <summary>SIGTERM.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> StopAsync()
    {
        await SignalAsync("TERM", Id);
        return await WaitForExitAsync();
    }

    /// <summary>Whether there is such a process, and it is no zombie.</summary>
    public static bool IsRunning(int process)
    {
        try
        {
            // The state follows the name, which stands in parentheses.
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[stat.LastIndexOf(')') + 2] != 'Z';
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            // Its children end with it, but for those that a test has stopped.
            var children = Children;
            _process.Kill();
            await _process.WaitForExitAsync();
            foreach (var child in children.Where(IsRunning))
            {
                using var go = Process.Start("kill", ["-CONT", child.ToString(CultureInfo.InvariantCulture)]);
                await go.WaitForExitAsync();
            }
        }
        await Waiting.UntilAsync(() => Children.Count == 0, () => $"its processes have ended: {string.Join(", ", Children)}");
        _process?.Dispose();
        _directory.Delete(recursive: true);
    }

    private IEnumerable<(string Service, int Process)> Started() => _log.Select(l => StartLine().Match(l)).Where(m => m.Success)
        .Select(m => (m.Groups[1].Value, int.Parse(m.Groups[2].Value, CultureInfo.InvariantCulture)));

    private static void Keep(ConcurrentQueue<string> lines, string? line)
    {
        if (line is not null)
        {
            lines.Enqueue(line);
        }
    }

    [GeneratedRegex(@"Supervisor\[8020\] (\S+) starts as process (\d+)$")]
    private static partial Regex StartLine();
}
