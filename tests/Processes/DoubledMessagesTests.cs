using Twite.Faults;
using Twite.Processes.Doubling;

namespace Twite.Processes;

/// <summary>Each request and each event comes twice through the broker: what it does is done once.</summary>
public sealed class DoubledMessagesTests(Authors authors, ITestOutputHelper output)
{
    [Theory(Skip = LongForm.WhyNot, SkipUnless = nameof(LongForm.IsRequested), SkipType = typeof(LongForm))]
    [InlineData("queue")]
    [InlineData("nats")]
    public async Task Everything_is_delivered_twice_and_done_once(string topology)
    {
        await using var network = new UpNetwork(topology);
        IDoubler? doubler = null;
        await using var run = await NetworkUnderLoad.StartAsync(network, authors, async () => doubler = await IDoubler.BeginAsync(network));
        await using var ends = doubler!;
        await run.WaitForPostsAsync(200);

        await run.JudgeAsync(async _ =>
        {
            await Waiting.UntilAsync(async () => await HandledAsync(run) >= 2 * run.Load.Acknowledged, () => "each event was handled twice");
            output.WriteLine($"{run.Load.Acknowledged} posts; {doubler!.Events} events and {doubler.Requests} requests were sent once more");
            Assert.InRange(doubler.Events, run.Load.Acknowledged, int.MaxValue);
            var refused = await run.CountAsync("messages", "anywire_messages_refused_total", s => s.Is("reason", "replayed"));
            output.WriteLine($"messages refused {refused} requests as replayed");
            Assert.InRange(refused, run.Load.Acknowledged, doubler.Requests);
        });
    }

    private static Task<double> HandledAsync(NetworkUnderLoad run) =>
        run.CountAsync("notifications", "rpc_server_call_duration_seconds_count", s => s.Method.EndsWith("/OnMessagePosted", StringComparison.Ordinal));
}
