using Microsoft.Data.Sqlite;
using Twite.Faults;
using Twite.Faults.History;
using Twite.Faults.Load;
using Twite.Faults.Network;

namespace Twite.Processes;

/// <summary>What happens to a network when nodes of its broker's cluster go, one after the other and then two at once.</summary>
public sealed class BrokerClusterTests(Authors authors, ITestOutputHelper output)
{
    // Within this posts go on when a node goes.
    private static readonly TimeSpan Failover = TimeSpan.FromSeconds(10);
    // NATS takes 4 to 9 s to find new leaders, and we take 10 to see that an old one is silent.
    private static readonly TimeSpan Told = TimeSpan.FromSeconds(25);
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(10);
    // Three nodes and the tools that ask them must get a processor too: RabbitMQ's take seconds of one, and give a node up that has not answered after seven.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    [Theory(Skip = LongForm.WhyNot, SkipUnless = nameof(LongForm.IsRequested), SkipType = typeof(LongForm))]
    [InlineData("amqps")]
    [InlineData("natss")]
    public async Task Each_node_of_a_cluster_is_killed_and_one_is_replaced_and_nothing_is_lost(string scheme)
    {
        var guide = new ClusterGuide(scheme);
        await using var network = new UpNetwork(guide.Topology());
        await using var nodes = await BrokerNodes.StartAsync(scheme, guide, network.Topology);
        authors.CopyTo(network.Data);
        network.Start("--certificates", nodes.Keys, "--Logging:LogLevel:Default=Warning", "--Logging:LogLevel:Twite.Supervision=Information");
        await network.WaitUntilUpAsync();
        await using var screen = new Screen(network.Url);
        await screen.Watching.WaitAsync(TimeSpan.FromSeconds(30));
        await using var load = new PostingLoad(network.Url, authors.Tokens, "cluster", Pause);
        await Waiting.UntilAsync(() => load.Acknowledged >= 20, () => $"20 posts were acknowledged\n{network.Log}");

        for (var node = 1; node <= BrokerNodes.Count; node++)
        {
            await nodes.KillAsync(node);
            await GoesOnAsync($"node {node} is gone", network, load, screen);
            var acknowledged = load.Acknowledged;
            await RestartsAsync("notifications", network);
            await PassesAsync(Away);
            output.WriteLine($"{load.Acknowledged - acknowledged} posts were acknowledged in {Away.TotalSeconds:N0} s without node {node}");
            Assert.True(load.Acknowledged - acknowledged > 100, $"Only {load.Acknowledged - acknowledged} posts were acknowledged without node {node}.\n{network.Log}");
            if (node < BrokerNodes.Count)
            {
                nodes.Start(node);
            }
            else
            {
                await nodes.ReplaceAsync(node);
            }
            output.WriteLine($"node {node} has all that it should have after {(await nodes.WaitUntilWholeAsync()).TotalSeconds:N1} s more");
        }

        // Those that are left are the one that was replaced.
        await nodes.KillAsync(1);
        await nodes.KillAsync(2);
        await PassesAsync(Failover);
        var alone = load.Acknowledged;
        await PassesAsync(Away);
        output.WriteLine($"{load.Acknowledged - alone} posts were acknowledged in {Away.TotalSeconds:N0} s with one node of three");
        // What RabbitMQ's last node would take it could not keep. NATS carries what waits for an answer; what happened waits where it happened.
        Assert.Equal(scheme == "natss", load.Acknowledged > alone);
        nodes.Start(1);
        nodes.Start(2);
        output.WriteLine($"the cluster was whole again after {(await nodes.WaitUntilWholeAsync()).TotalSeconds:N1} s");
        await GoesOnAsync("all are back", network, load, screen);

        await nodes.RequireCopiesAsync();

        await load.FinishAsync();
        using var reader = new ApiClient(network.Url, null);
        var final = await reader.ReadAllAsync(CancellationToken.None);
        await Waiting.UntilAsync(() => screen.Shown.Any(m => m.Id == final[0].Id), () => $"the screen showed the newest post\n{network.Log}");
        var drained = await Waiting.UntilAsync(() => Waits(network.Data) == 0, () => $"everybody was told of everything; {Waits(network.Data)} events wait\n{network.Log}");
        output.WriteLine($"all events were handled {drained.TotalSeconds:N1} s after the last post");
        var verdict = HistoryChecker.Judge(load.History(final, [new ScreenOperation(screen.Shown, Complete: true)]));
        Assert.True(verdict.Judgement == Judgement.Valid, verdict.ToString());
        Assert.Equal(0, await network.StopAsync());
    }

    // Each author has one post under way: the next is of afterwards. One that is shown has gone through the events' queue.
    private async Task GoesOnAsync(string what, UpNetwork network, PostingLoad load, Screen screen)
    {
        var acknowledged = load.Acknowledged;
        var posted = await Waiting.UntilAsync(() => load.Acknowledged > acknowledged + Authors.Most, () => $"posts go on when {what}\n{network.Log}");
        var shown = screen.Shown.Count;
        var seen = await Waiting.UntilAsync(() => screen.Shown.Count > shown + Authors.Most, () => $"screens go on when {what}\n{network.Log}");
        output.WriteLine($"{what}: posts go on after {posted.TotalMilliseconds:N0} ms, screens {seen.TotalMilliseconds:N0} ms later");
        Assert.True(posted < Failover, $"Posts went on {posted.TotalSeconds:N1} s after {what}.\n{network.Log}");
        Assert.True(seen < Told, $"Screens went on {seen.TotalSeconds:N1} s after posts when {what}.\n{network.Log}");
    }

    // A service that starts while a node is away does its work with the others.
    private static async Task RestartsAsync(string service, UpNetwork network)
    {
        var readies = network.ReadiesOf(service);
        await UpNetwork.SignalAsync("KILL", network.ProcessOf(service));
        await Waiting.UntilAsync(() => network.ReadiesOf(service) > readies, () => $"{service} is ready again\n{network.Log}");
    }

    private static Task PassesAsync(TimeSpan time)
    {
        var since = TimeProvider.System.GetTimestamp();
        return Waiting.UntilAsync(() => TimeProvider.System.GetElapsedTime(since) >= time, () => $"{time} have passed");
    }

    private static long Waits(string data) => new[] { "messages", "accounts", "follows" }.Sum(service =>
    {
        using var database = new SqliteConnection($"Data Source={Path.Combine(data, service + ".db")};Mode=ReadOnly");
        database.Open();
        using var count = database.CreateCommand();
        count.CommandText = "SELECT count(*) FROM outbox";
        return (long)count.ExecuteScalar()!;
    });
}
