using System.Text.Json;
using Twite.Faults.Network;
using Twite.Hosting;

namespace Twite.Faults.Replicas;

/// <summary>Three replicas of each service and two front ends on one PostgreSQL, joined by the wires of a topology. A process has one replica of each service,
/// and each front end has its own. Each process counts the calls it handles, as it does for whoever watches it.</summary>
internal sealed class ReplicatedNetwork : IAsyncDisposable
{
    /// <summary>How many replicas each service has.</summary>
    public const int Replicas = 3;

    private const int FrontEnds = 2;
    private static readonly string[] Services = ["accounts", "messages", "follows", "notifications"];

    private readonly string _directory;
    private readonly ReplicaProcess[] _replicas;
    private readonly ReplicaProcess[] _frontEnds;

    private ReplicatedNetwork(string directory, string topology, string database)
    {
        _directory = directory;
        var schemes = SchemesOf(topology);
        var ports = new Queue<int>(UnusedPorts.Find((schemes.Sum(s => s.Value.Count) + 1) * Replicas + 2 * FrontEnds));
        string Listen(string service) => $"\"listen\": [{string.Join(", ", schemes[service].Select(scheme => $"\"{scheme}://127.0.0.1:{ports.Dequeue()}\""))}]";
        Urls = [.. Enumerable.Range(0, FrontEnds).Select(_ => $"http://127.0.0.1:{ports.Dequeue()}")];
        var placed = Services.Select(s => Placed(s, Enumerable.Range(0, Replicas).Select(_ => $"{{ {Listen(s)} }}")))
            .Append(Placed("web", Urls.Select(url => $"{{ {Listen("web")}, \"urls\": [\"{url}\"] }}")));
        File.WriteAllText(Topology, $$"""{ "services": { {{string.Join(", ", placed)}} } }""");
        _replicas = [.. Enumerable.Range(1, Replicas).Select(n => NewProcess(Services.Select(s => $"{s}-{n}")))];
        _frontEnds = [.. Enumerable.Range(1, FrontEnds).Select(n => NewProcess([$"web-{n}"]))];

        ReplicaProcess NewProcess(IEnumerable<string> instances)
        {
            var metrics = $"http://127.0.0.1:{ports.Dequeue()}";
            return new ReplicaProcess(
                [
                    "run", .. instances, "--topology", Topology, "--certificates", Keys, "--data", Path.Combine(directory, "data"), "--metrics", metrics,
                    "--Web:Api:MaxRequests=100000000", "--Logging:LogLevel:Default=Warning",
                ], database, metrics);
        }
    }

    /// <summary>Where the front ends are.</summary>
    public IReadOnlyList<string> Urls { get; }

    /// <summary>What was logged so far, by all.</summary>
    public string Log => string.Join('\n', _replicas.Concat(_frontEnds).Select(p => p.Log));

    private string Topology => Path.Combine(_directory, "topology.json");

    private string Keys => Path.Combine(_directory, "keys");

    /// <summary>Makes keys and starts all of it; returns when it can do its work.</summary>
    /// <param name="directory">Its files.</param>
    /// <param name="topology">A shipped one that says which wires its parts listen on.</param>
    /// <param name="database">The connection string of its PostgreSQL.</param>
    public static async Task<ReplicatedNetwork> StartAsync(string directory, string topology, string database)
    {
        var network = new ReplicatedNetwork(directory, topology, database);
        try
        {
            await TwiteProgram.RunAsync("keys", "--dir", network.Keys);
            // One after the other: five programs that start at once take each other's time.
            foreach (var process in network._replicas.Concat(network._frontEnds))
            {
                await process.StartAsync();
            }
            await Task.WhenAll(network._replicas.Concat(network._frontEnds).Select(p => p.ConnectedAsync()));
            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    /// <summary>kill -9 of one replica of each service.</summary>
    public Task KillAsync(int replica) => _replicas[replica].KillAsync();

    /// <summary>Starts it again; returns when it can do its work.</summary>
    public async Task StartAgainAsync(int replica)
    {
        await _replicas[replica].StartAsync();
        await _replicas[replica].ConnectedAsync();
    }

    /// <summary>The calls that each replica that runs has handled, by method.</summary>
    public Task<CallCounts[]> HandledAsync() => CountAsync("rpc_server_call_duration_seconds_count");

    /// <summary>The calls that each replica that runs has made, by method.</summary>
    public Task<CallCounts[]> MadeAsync() => CountAsync("rpc_client_call_duration_seconds_count");

    /// <summary>SIGTERM to all, the front ends first.</summary>
    /// <returns>The exit codes.</returns>
    public async Task<IReadOnlyList<int>> StopAsync()
    {
        var frontEnds = await Task.WhenAll(_frontEnds.Select(p => p.StopAsync()));
        return [.. frontEnds, .. await Task.WhenAll(_replicas.Select(p => p.StopAsync()))];
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var process in _replicas.Concat(_frontEnds))
        {
            await process.DisposeAsync();
        }
    }

    private Task<CallCounts[]> CountAsync(string metric) => Task.WhenAll(_replicas.Where(r => r.IsRunning).Select(r => r.CountAsync(metric)));

    private static Dictionary<string, IReadOnlyList<string>> SchemesOf(string topology)
    {
        using var file = JsonDocument.Parse(File.ReadAllText(TwiteProgram.TopologyPath(topology)), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip });
        return file.RootElement.GetProperty("services").EnumerateObject().ToDictionary(
            s => s.Name, s => (IReadOnlyList<string>)[.. s.Value.GetProperty("listen").EnumerateArray().Select(a => new Uri(a.GetString()!).Scheme)], StringComparer.Ordinal);
    }

    private static string Placed(string service, IEnumerable<string> instances) => $$"""
        "{{service}}": { "replicas": [{{string.Join(", ", instances)}}] }
        """;
}
