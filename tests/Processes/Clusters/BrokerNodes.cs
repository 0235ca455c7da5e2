using Twite.Faults.Network;

namespace Twite.Processes;

/// <summary>Three nodes of one broker on this machine, set up and started as the guide says. Disposing ends and removes them.</summary>
internal abstract class BrokerNodes : IAsyncDisposable
{
    /// <summary>How many there are.</summary>
    public const int Count = 3;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("twite-nodes-");

    /// <param name="guide">The guide.</param>
    /// <param name="keeps">The folder in which a node has what it keeps.</param>
    protected BrokerNodes(ClusterGuide guide, string keeps)
    {
        Guide = guide;
        All = [.. Enumerable.Range(1, Count).Select(n => new BrokerNode(Path.Combine(Keys, "broker", ClusterGuide.HostOf(n)), keeps))];
    }

    /// <summary>The network's keys.</summary>
    public string Keys => Path.Combine(_directory.FullName, "keys");

    /// <summary>The guide.</summary>
    protected ClusterGuide Guide { get; }

    /// <summary>The nodes, in the topology's order.</summary>
    protected IReadOnlyList<BrokerNode> All { get; }

    /// <summary>Makes those of a topology and starts them.</summary>
    /// <param name="scheme">Which broker: <c>amqps</c> or <c>natss</c>.</param>
    /// <param name="guide">The guide.</param>
    /// <param name="topology">The file with the topology.</param>
    public static async Task<BrokerNodes> StartAsync(string scheme, ClusterGuide guide, string topology)
    {
        BrokerNodes nodes = scheme == "amqps" ? new RabbitMqNodes(guide) : new NatsNodes(guide);
        try
        {
            var said = await TwiteProgram.RunAsync("keys", "broker", "--topology", topology, "--dir", nodes.Keys);
            foreach (var node in nodes.All)
            {
                Assert.EndsWith(nodes.HowToStart(node), said.Split('\n').Single(l => l.Contains("Start it with", StringComparison.Ordinal) && l.Contains(node.Folder, StringComparison.Ordinal)) + nodes.More);
            }
            await nodes.PrepareAsync();
            for (var node = 1; node <= Count; node++)
            {
                nodes.Start(node);
            }
            await nodes.WaitUntilWholeAsync();
            return nodes;
        }
        catch
        {
            await nodes.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts one, for the first time or again; nothing is ready yet.</summary>
    /// <param name="node">Its number, from 1.</param>
    public void Start(int node) => All[node - 1].Start(HowToStart(All[node - 1]), EnvironmentOf(node));

    /// <summary>Ends one as a power cut would.</summary>
    /// <param name="node">Its number, from 1.</param>
    public Task KillAsync(int node) => All[node - 1].KillAsync();

    /// <summary>Puts an empty one in the place of one that is gone; returns when it has its part.</summary>
    /// <param name="node">Its number, from 1.</param>
    public async Task ReplaceAsync(int node)
    {
        Directory.Delete(All[node - 1].Data, recursive: true);
        await ReplaceWithEmptyAsync(node);
    }

    /// <summary>Waits until each has all that it should have: any may go then.</summary>
    /// <returns>How long that took.</returns>
    public Task<TimeSpan> WaitUntilWholeAsync()
    {
        var problem = "";
        return Waiting.UntilAsync(
            async () => (problem = await ProblemAsync()) is null,
            () => $"the cluster is whole: {problem}\n{string.Join("\n\n", All.Select(n => n.Output.Length > 4_000 ? n.Output[^4_000..] : n.Output))}");
    }

    /// <summary>Passes when what must not be lost is kept by each node.</summary>
    public abstract Task RequireCopiesAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var node in All)
        {
            await node.DisposeAsync();
        }
        await EndAsync();
        _directory.Delete(recursive: true);
    }

    /// <summary>What the guide adds to what the program says.</summary>
    protected virtual string More => "";

    /// <summary>The command that starts a node.</summary>
    protected abstract string HowToStart(BrokerNode node);

    /// <summary>What keeps three nodes on one machine apart.</summary>
    protected virtual IReadOnlyDictionary<string, string> EnvironmentOf(int node) => new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Starts what they need besides.</summary>
    protected virtual Task PrepareAsync() => Task.CompletedTask;

    /// <summary>Ends what was started besides.</summary>
    protected virtual Task EndAsync() => Task.CompletedTask;

    /// <summary>Has an empty node take the place of one that is gone.</summary>
    protected abstract Task ReplaceWithEmptyAsync(int node);

    /// <summary>What is missing; null when nothing is.</summary>
    protected abstract Task<string?> ProblemAsync();
}
