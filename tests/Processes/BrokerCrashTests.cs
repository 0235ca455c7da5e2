using Twite.Faults;

namespace Twite.Processes;

/// <summary>A process dies with an event half on its way through a broker: the event comes, and what it does is done once.</summary>
public sealed class BrokerCrashTests(Authors authors, ITestOutputHelper output)
{
    // Whatever was with an instance that died, a broker that cannot see that it did gives to another after half a minute; a sender sends again after as long.
    private static readonly TimeSpan Drained = TimeSpan.FromSeconds(75);

    // Before a sender has published; when the broker has it and the sender's files do not say so, as when it dies between publish and confirm; before
    // and after a handler's commit, when the broker has no acknowledgement.
    public static TheoryData<string, string> Points
    {
        get
        {
            var points = new TheoryData<string, string>();
            foreach (var topology in new[] { "queue", "nats" })
            {
                points.Add(topology, "messages/after-commit-before-publish:30");
                points.Add(topology, "messages/after-publish-before-mark-sent:10");
                points.Add(topology, "notifications/before-commit:15");
                points.Add(topology, "notifications/after-commit-before-publish:15");
            }
            return points;
        }
    }

    [Theory(Skip = LongForm.WhyNot, SkipUnless = nameof(LongForm.IsRequested), SkipType = typeof(LongForm)), MemberData(nameof(Points))]
    public async Task Dying_there_loses_and_doubles_nothing(string topology, string point)
    {
        var service = point[..point.IndexOf('/', StringComparison.Ordinal)];
        await using var network = new UpNetwork(topology);
        var plan = Path.Combine(Directory.CreateDirectory(network.Data).FullName, "crash");
        await File.WriteAllTextAsync(plan, point);
        network.Environment["TWITE_CRASH"] = "@" + plan;
        await using var run = await NetworkUnderLoad.StartAsync(network, authors);

        await Waiting.UntilAsync(() => network.StartsOf(service) == 2, () => $"{service} dies and is started again\n{network.Log}");
        Assert.Contains($"Crash point {point[..point.IndexOf(':', StringComparison.Ordinal)]}", network.Log, StringComparison.Ordinal);
        await Waiting.UntilAsync(() => network.ReadiesOf(service) == 2, () => $"{service} is ready again\n{network.Log}");
        await run.WaitForPostsAsync(30);

        var drained = await run.JudgeAsync();
        output.WriteLine($"all events were handled {drained.TotalSeconds:N1} s after the last post");
        Assert.True(drained < Drained, $"It took {drained.TotalSeconds:N0} s.");
        Assert.Equal(2, network.StartsOf(service));
    }

    [Theory(Skip = LongForm.WhyNot, SkipUnless = nameof(LongForm.IsRequested), SkipType = typeof(LongForm))]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_sender_that_dies_between_publishing_and_the_brokers_confirm_sends_again_and_nothing_is_doubled(bool isOverNats)
    {
        await using var network = new UpNetwork("mixed", isOverNats: isOverNats);
        await using var run = await NetworkUnderLoad.StartAsync(network, authors);
        // What a sender publishes now, the system keeps until the broker reads it; nothing is confirmed.
        await UpNetwork.SignalAsync("STOP", network.ProcessOf(network.Broker!));
        await run.WaitForPostsAsync(50);
        await UpNetwork.SignalAsync("KILL", network.ProcessOf("messages"));
        await Waiting.UntilAsync(() => network.StartsOf("messages") == 2, () => $"messages is started again\n{network.Log}");
        await UpNetwork.SignalAsync("CONT", network.ProcessOf(network.Broker!));
        await run.WaitForPostsAsync(30);

        var drained = await run.JudgeAsync(async _ =>
        {
            var handled = await run.CountAsync(
                "notifications", "rpc_server_call_duration_seconds_count", s => s.Method.EndsWith("/OnMessagePosted", StringComparison.Ordinal));
            output.WriteLine($"{handled} events were handled for {run.Load.Acknowledged} posts");
            // NATS recognises what it has got already; with RabbitMQ it is seen that some was sent twice.
            Assert.InRange(handled, run.Load.Acknowledged + (isOverNats ? 0 : 1), double.MaxValue);
        });
        output.WriteLine($"all events were handled {drained.TotalSeconds:N1} s after the last post");
        Assert.True(drained < Drained, $"It took {drained.TotalSeconds:N0} s.");
        Assert.Equal(1, network.StartsOf(network.Broker!));
    }
}
