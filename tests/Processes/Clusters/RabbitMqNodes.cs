using System.Diagnostics;
using System.Globalization;
using Twite.Hosting;

namespace Twite.Processes;

/// <summary>Three nodes of RabbitMQ. One Erlang port mapper serves all, where on machines of their own each would have its own.</summary>
internal sealed class RabbitMqNodes(ClusterGuide guide) : BrokerNodes(guide, "mnesia")
{
    private readonly Queue<int> _linkPorts = new(UnusedPorts.Find(Count));
    private readonly string _mapperPort = UnusedPorts.Find().ToString(CultureInfo.InvariantCulture);
    private Process? _mapper;

    /// <inheritdoc/>
    protected override string HowToStart(BrokerNode node) => Guide.Command("rabbitmq-server", node.Folder);

    /// <inheritdoc/>
    protected override IReadOnlyDictionary<string, string> EnvironmentOf(int node) => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["ERL_EPMD_PORT"] = _mapperPort,
        ["RABBITMQ_DIST_PORT"] = _linkPorts.ElementAt(node - 1).ToString(CultureInfo.InvariantCulture),
        ["RABBITMQ_MNESIA_BASE"] = All[node - 1].Data,
        ["RABBITMQ_LOG_BASE"] = Path.Combine(All[node - 1].Folder, "log"),
        ["RABBITMQ_PID_FILE"] = Path.Combine(All[node - 1].Folder, "pid"),
        // Its script becomes the broker instead of staying in front of it.
        ["RUNNING_UNDER_SYSTEMD"] = "true",
    };

    /// <inheritdoc/>
    protected override Task PrepareAsync()
    {
        _mapper = Process.Start("epmd", ["-port", _mapperPort, "-address", string.Join(',', Enumerable.Range(1, Count).Select(ClusterGuide.HostOf))]);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override async Task EndAsync()
    {
        if (_mapper is not null)
        {
            _mapper.Kill();
            await _mapper.WaitForExitAsync();
            _mapper.Dispose();
        }
    }

    /// <inheritdoc/>
    protected override async Task ReplaceWithEmptyAsync(int node)
    {
        var other = node == 1 ? 2 : 1;
        await OrderAsync(other, "forget_cluster_node", node);
        Start(node);
        await Waiting.UntilAsync(async () => (await RunAsync(other, "await_online_nodes", node)).IsOk, () => $"the empty node has joined\n{All[node - 1].Output}");
        await OrderAsync(other, "rabbitmq-queues grow", node);
    }

    /// <inheritdoc/>
    public override async Task RequireCopiesAsync()
    {
        var (isOk, output) = await RunAsync(1, "list_queues", 1);
        Assert.True(isOk, output);
        var queues = output.Split('\n').Select(l => l.Split('\t')).Where(l => l.Length == 2 && l[1].StartsWith('[')).Select(l => (Name: l[0], Members: l[1].Count(c => c == '@'))).ToList();
        Assert.Contains(("anywire.notifications.events", Count), queues);
        Assert.All(queues, q => Assert.Equal(Count, q.Members));
    }

    /// <inheritdoc/>
    protected override async Task<string?> ProblemAsync()
    {
        foreach (var (node, question) in Enumerable.Range(1, Count).Select(n => (n, "check_if_node_is_quorum_critical")).Prepend((1, "await_online_nodes")))
        {
            if (await RunAsync(node, question, node) is { IsOk: false } no)
            {
                return no.Output;
            }
        }
        return null;
    }

    private async Task OrderAsync(int at, string order, int about)
    {
        var (isOk, output) = await RunAsync(at, order, about);
        Assert.True(isOk, output);
    }

    private Task<(bool IsOk, string Output)> RunAsync(int at, string order, int about) => BrokerNode.RunAsync(Guide.Command(order, All[at - 1].Folder, about), EnvironmentOf(at));
}
