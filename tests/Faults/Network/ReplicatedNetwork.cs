using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Twite.Languages;

namespace Twite.Faults.Network;

/// <summary>A network with three replicas of each service and two front ends, which call each other over a wire with mutual TLS. One process has the
/// first replica of each service, one the second, one the third; each front end has its own. Disposing ends them.</summary>
internal sealed partial class ReplicatedNetwork : IAsyncDisposable
{
    /// <summary>How many replicas each service has.</summary>
    public const int Replicas = 3;

    private static readonly string[] Services = ["accounts", "messages", "follows", "notifications"];

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("twite-replicas-");
    private readonly string _database;
    private readonly List<string> _metrics;
    private readonly RunningProgram?[] _replicas = new RunningProgram?[Replicas];
    private readonly List<RunningProgram> _programs = [];
    private readonly HttpClient _http = new();

    /// <param name="scheme">The wire, by the scheme of its addresses.</param>
    /// <param name="database">The connection string of the tables.</param>
    public ReplicatedNetwork(string scheme, string database)
    {
        _database = database;
        var probes = Enumerable.Range(0, (Services.Length * Replicas) + Replicas + 4).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        probes.ForEach(p => p.Start());
        var addresses = new Queue<string>(probes.Select(p => p.LocalEndpoint.ToString()!));
        probes.ForEach(p => p.Dispose());
        _metrics = [.. Enumerable.Range(0, Replicas).Select(_ => $"http://{addresses.Dequeue()}")];
        Urls = [.. Enumerable.Range(0, 2).Select(_ => $"http://{addresses.Dequeue()}")];
        var web = Urls.Select(url => $"{{ \"listen\": [\"{scheme}://{addresses.Dequeue()}\"], \"urls\": [\"{url}\"] }}").ToList();
        var services = Services.Select(service =>
            $"\"{service}\": {{ \"replicas\": [{string.Join(", ", Enumerable.Range(0, Replicas).Select(_ => $"{{ \"listen\": [\"{scheme}://{addresses.Dequeue()}\"] }}"))}] }}");
        File.WriteAllText(Topology, $"{{ \"services\": {{ {string.Join(", ", services)}, \"web\": {{ \"replicas\": [{string.Join(", ", web)}] }} }} }}");
    }

    /// <summary>Where the front ends are.</summary>
    public IReadOnlyList<string> Urls { get; }

    /// <summary>What was written by all processes.</summary>
    public string Log => string.Join("\n\n", _programs.Select(p => p.Log));

    private string Topology => Path.Combine(_directory.FullName, "topology.json");

    private string Keys => Path.Combine(_directory.FullName, "keys");

    /// <summary>Starts all of it; returns when it runs.</summary>
    public async Task StartAsync()
    {
        await TwiteProgram.RunAsync("keys", "--dir", Keys);
        for (var replica = 0; replica < Replicas; replica++)
        {
            await StartAsync(replica);
        }
        for (var frontEnd = 1; frontEnd <= Urls.Count; frontEnd++)
        {
            await RunAsync([$"web-{frontEnd}"]);
        }
    }

    /// <summary>Starts one replica of each service; returns when they run.</summary>
    public async Task StartAsync(int replica) =>
        _replicas[replica] = await RunAsync([.. Services.Select(s => $"{s}-{replica + 1}"), "--metrics", _metrics[replica]]);

    /// <summary>SIGTERM to one replica of each service.</summary>
    public async Task StopAsync(int replica) => Assert.Equal(0, await _replicas[replica]!.StopAsync());

    /// <summary>kill -9 to one replica of each service.</summary>
    public Task KillAsync(int replica) => _replicas[replica]!.KillAsync();

    /// <summary>How often each replica was called, by service, and how many events of messages it handed over.</summary>
    public async Task<IReadOnlyList<ReplicaCalls>> ReadCallsAsync() => await Task.WhenAll(_metrics.Select(async url =>
    {
        var (handled, handedOver) = (new Dictionary<string, long>(StringComparer.Ordinal), 0L);
        foreach (var match in Counts().Matches(await _http.GetStringAsync(url + "/metrics")).Cast<Match>())
        {
            var calls = long.Parse(match.Groups["calls"].Value, CultureInfo.InvariantCulture);
            var (service, method) = (match.Groups["service"].Value.ToLowerInvariant(), match.Groups["method"].Value);
            if (match.Groups["side"].Value == "server")
            {
                handled[service] = handled.GetValueOrDefault(service) + calls;
            }
            else if (method == "OnMessagePosted")
            {
                handedOver += calls;
            }
        }
        return new ReplicaCalls(Services.ToDictionary(s => s, s => handled.GetValueOrDefault(s)), handedOver);
    }));

    public async ValueTask DisposeAsync()
    {
        foreach (var program in _programs)
        {
            await program.DisposeAsync();
        }
        _http.Dispose();
        _directory.Delete(recursive: true);
    }

    private async Task<RunningProgram> RunAsync(string[] arguments)
    {
        var program = new RunningProgram(TwiteProgram.StartInfo(
            ["run", .. arguments, "--topology", Topology, "--certificates", Keys, "--data", Path.Combine(_directory.FullName, "data"),
                "--Web:Api:MaxRequests=100000000", "--Logging:LogLevel:Default=Warning"], _database));
        _programs.Add(program);
        await program.WaitForAsync("Ctrl-C stops it");
        return program;
    }

    [GeneratedRegex(
        @"^rpc_(?<side>server|client)_call_duration_seconds_count\{[^}]*rpc_method=""twite\.v1\.(?<service>[A-Za-z]+)Service/(?<method>[A-Za-z]+)""[^}]*\} (?<calls>\d+)",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5_000)]
    private static partial Regex Counts();
}

/// <summary>What one replica of each service has done. Immutable.</summary>
/// <param name="Handled">Calls by service.</param>
/// <param name="HandedOver">Posted messages that its relay told Notifications of.</param>
internal sealed record ReplicaCalls(IReadOnlyDictionary<string, long> Handled, long HandedOver);
