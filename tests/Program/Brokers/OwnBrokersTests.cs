using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Twite.Brokers;
using Twite.Faults;
using Twite.Hosting;
using Twite.Keys;
using Twite.Supervision;
using Twite.Topologies;

namespace Twite.ProgramTests.Brokers;

/// <summary><c>twite up --with-broker</c>: what is installed is run as one of its processes, or it is said why not.</summary>
public sealed class OwnBrokersTests : IDisposable
{
    private readonly CommandLine _twite = new();

    [Theory]
    [InlineData("inproc:{0}", "its addresses lead from service to service")]
    [InlineData("amqp://127.0.0.1", "Use amqps:")]
    [InlineData("natss://192.0.2.1", "192.0.2.1 is another")]
    [InlineData("natss://no-such-machine.invalid", "is another")]
    public void What_it_cannot_start_it_says_and_what_to_do(string address, string because) => Assert.Contains(because, Refusal(name => string.Format(CultureInfo.InvariantCulture, address, name)));

    [Fact]
    public void One_of_a_kind_is_started() =>
        Assert.Contains("amqps://127.0.0.1:5672", Refusal(name => name == "web" ? "amqps://127.0.0.1:5672" : "amqps://127.0.0.1:5671"));

    [Fact]
    public async Task It_is_refused_before_anything_is_made()
    {
        var result = await _twite.RunAsync("up", "--topology", "grpc", "--with-broker", "--data", _twite.Data);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("Leave --with-broker out", result.Errors);
        Assert.False(Directory.Exists(_twite.Data));
    }

    [Fact]
    public async Task It_does_not_take_anothers_place()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var file = _twite.Write("t.json", TopologyAt($"natss://{other.LocalEndpoint}"));
        var result = await _twite.RunAsync("up", "--topology", file, "--with-broker", "--data", _twite.Data);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("Something listens at 127.0.0.1", result.Errors);
    }

    [Fact]
    public async Task Keys_without_one_for_the_broker_are_said()
    {
        var keys = _twite.PathOf("keys");
        await _twite.RunAsync("keys", "--dir", keys);
        var file = _twite.Write("t.json", TopologyAt($"natss://127.0.0.1:{UnusedPorts.Find()}"));
        var result = await _twite.RunAsync("up", "--topology", file, "--with-broker", "--data", _twite.Data, "--certificates", keys);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains($"twite keys broker --topology {file} --dir {keys}", result.Errors);
    }

    [Theory]
    [InlineData("natss", "nats")]
    [InlineData("amqps", "rabbitmq", Skip = LongForm.WhyNot, SkipUnless = nameof(LongForm.IsRequested), SkipType = typeof(LongForm))]
    public async Task It_comes_back_when_it_is_killed_and_leaves_nothing_behind(string scheme, string name)
    {
        var brokers = OwnBrokers.Of(TopologyFile.Parse(TopologyAt($"{scheme}://127.0.0.1:{UnusedPorts.Find()}"), "t.json"));
        var (keys, folder) = (_twite.PathOf("keys"), _twite.PathOf("broker"));
        KeyFolder.At(keys, authority: null, TimeProvider.System).Update([.. ServiceCatalog.Services.Keys, KeyFolder.Broker]);
        await brokers.RequirePortsAsync();
        using var written = new StringWriter();
        var broker = Assert.Single(brokers.Supervise(keys, folder, new InterleavedLog(TextWriter.Synchronized(written), [name], isColoured: false), NullLoggerFactory.Instance, TimeProvider.System));
        await using var supervisor = new Supervisor([[broker], [], []], NullLogger.Instance, TimeProvider.System);
        Assert.True(await supervisor.StartAsync(CancellationToken.None) is null, written.ToString());
        Assert.Equal(name, broker.Name);
        var first = broker.ProcessId!.Value;
        var beside = await BesideAsync(first);

        using (var process = Process.GetProcessById(first))
        {
            process.Kill();
        }
        await RunningProgram.UntilAsync(() => Task.FromResult(broker.ProcessId is { } id && id != first && broker.Report?.State == ChildState.Ready), $"it is back: {written}");
        await EndAsync(beside);

        var second = broker.ProcessId!.Value;
        beside = await BesideAsync(second);
        Assert.Empty(await supervisor.StopAsync());
        await EndAsync([second, .. beside]);
        Assert.False(await new BrokerProbe(brokers.Sites[0], credentials: null).IsOpenAsync());
    }

    [Fact]
    public async Task One_that_was_stopped_in_the_middle_ends_with_whoever_started_it()
    {
        var topology = TopologyFile.Parse(TopologyAt($"natss://127.0.0.1:{UnusedPorts.Find()}"), "t.json");
        var (site, keys) = (Assert.Single(OwnBrokers.Of(topology).Sites), _twite.PathOf("keys"));
        KeyFolder.At(keys, authority: null, TimeProvider.System).Update([KeyFolder.Broker]);
        var start = BrokerStart.Prepare(BrokerSetup.Of(site, BrokerRights.Of(topology, [])), site.Kind.Installed!, _twite.PathOf("broker"), KeyFolder.Of(keys, KeyFolder.Broker));
        using var child = BrokerChild.Start(start, new BrokerProbe(site, CertificateFolder.Load(keys, KeyFolder.Broker)), _ => { });
        await foreach (var report in child.ReadReportsAsync())
        {
            Assert.Equal(ChildState.Ready, report.State);
            break;
        }
        using (var stop = Process.Start("kill", ["-STOP", child.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await stop.WaitForExitAsync();
        }
        child.Stop();
        await child.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public void What_it_keeps_is_found_again_wherever_the_folder_is()
    {
        var setup = new BrokerSetup(BrokerKind.RabbitMq, "127.0.0.1", 1, "/", "anywire", []);
        var (here, there) = (_twite.PathOf("here"), _twite.PathOf("there"));
        var before = BrokerStart.Prepare(setup, "rabbitmq-server", here, here);
        Directory.Move(here, there);
        var after = BrokerStart.Prepare(setup, "rabbitmq-server", there, there);
        Assert.Equal(before.Environment["RABBITMQ_NODENAME"], after.Environment["RABBITMQ_NODENAME"]);
        Assert.Equal(Path.Combine(there, "mnesia"), after.Environment["RABBITMQ_MNESIA_BASE"]);
        Assert.NotEqual(before.Environment["RABBITMQ_NODENAME"], BrokerStart.Prepare(setup, "rabbitmq-server", here, here).Environment["RABBITMQ_NODENAME"]);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(there, ".erlang.cookie")));
        }
    }

    public void Dispose() => _twite.Dispose();

    private static string Refusal(Func<string, string> address) =>
        Assert.Throws<TopologyException>(() => OwnBrokers.Of(TopologyFile.Parse(TopologyWith(address), "t.json"))).Message;

    private static string TopologyAt(string address) => TopologyWith(_ => address);

    private static string TopologyWith(Func<string, string> address) =>
        $$"""{ "services": { {{string.Join(", ", ServiceCatalog.Services.Keys.Select(s => $$"""  "{{s}}": { "listen": ["{{address(s)}}"] }"""))}} } }""";

    /// <summary>What runs beside a broker: its children, and theirs.</summary>
    private static async Task<List<int>> BesideAsync(int broker)
    {
        using var list = Process.Start(new ProcessStartInfo("ps", ["-e", "-o", "pid=,ppid="]) { UseShellExecute = false, RedirectStandardOutput = true })!;
        var parents = (await list.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToLookup(l => int.Parse(l[1], CultureInfo.InvariantCulture), l => int.Parse(l[0], CultureInfo.InvariantCulture));
        var found = new List<int> { broker };
        for (var next = 0; next < found.Count; next++)
        {
            found.AddRange(parents[found[next]]);
        }
        Assert.True(found.Count > 1, "Nobody is there to end it with us.");
        return found[1..];
    }

    private static Task EndAsync(IReadOnlyList<int> processes) =>
        RunningProgram.UntilAsync(() => Task.FromResult(!processes.Any(IsRunning)), $"{string.Join(", ", processes)} have ended");

    private static bool IsRunning(int process)
    {
        try
        {
            // The state follows the name, which stands in parentheses; whoever is a zombie has ended.
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[stat.LastIndexOf(')') + 2] != 'Z';
        }
        catch (IOException)
        {
            return false;
        }
    }
}
