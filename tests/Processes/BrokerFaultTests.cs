using System.Net;
using Twite.Faults;

namespace Twite.Processes;

/// <summary>What happens to a network when its broker goes: nothing acknowledged is lost, nothing is doubled, and it goes on by itself.</summary>
public sealed class BrokerFaultTests(Authors authors, ITestOutputHelper output)
{
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(5);

    // As long as a call may take, and a page may make a few.
    private static readonly TimeSpan InTime = TimeSpan.FromSeconds(15);

    [Theory]
    [InlineData("nats", false, 2)]
    [InlineData("queue", false, 10, Skip = LongForm.WhyNot, SkipUnless = nameof(LongForm.IsRequested), SkipType = typeof(LongForm))]
    [InlineData("queue", true, 10, Skip = LongForm.WhyNot, SkipUnless = nameof(LongForm.IsRequested), SkipType = typeof(LongForm))]
    [InlineData("nats", true, 10, Skip = LongForm.WhyNot, SkipUnless = nameof(LongForm.IsRequested), SkipType = typeof(LongForm))]
    [InlineData("mixed", true, 10, Skip = LongForm.WhyNot, SkipUnless = nameof(LongForm.IsRequested), SkipType = typeof(LongForm))]
    [InlineData("queue", false, 60, Skip = LongForm.WhyNot, SkipUnless = nameof(LongForm.IsRequested), SkipType = typeof(LongForm))]
    [InlineData("nats", false, 60, Skip = LongForm.WhyNot, SkipUnless = nameof(LongForm.IsRequested), SkipType = typeof(LongForm))]
    [InlineData("mixed", false, 60, Skip = LongForm.WhyNot, SkipUnless = nameof(LongForm.IsRequested), SkipType = typeof(LongForm))]
    public async Task The_broker_is_killed_stays_away_and_comes_back_with_its_data_or_without(string topology, bool isWiped, int seconds)
    {
        await using var network = new UpNetwork(topology);
        await using var run = await NetworkUnderLoad.StartAsync(network, authors);
        await network.TakeAwayAsync(network.Broker!);
        await Waiting.UntilAsync(() => !UpNetwork.IsRunning(network.ProcessOf(network.Broker!)), () => "the broker is gone");
        var (before, since) = (run.Load.Acknowledged, TimeProvider.System.GetTimestamp());
        if (isWiped)
        {
            Wipe(network.Data);
        }
        await using var attempts = new Attempts(network.Url, run.Others);
        await Waiting.UntilAsync(() => TimeProvider.System.GetElapsedTime(since) >= TimeSpan.FromSeconds(seconds), () => "the broker was away for that long");
        await attempts.FinishAsync();
        output.WriteLine($"{run.Load.Acknowledged - before} posts were acknowledged while the broker was away; who tried once: {attempts}");
        if (topology == "mixed")
        {
            Assert.All(attempts.Made, a => Assert.Equal(HttpStatusCode.OK, a.Status));
        }

        await network.LetBackAsync(network.Broker!);
        var back = await run.WaitForPostsAsync(20);
        var read = back + await run.WaitForPageAsync();
        output.WriteLine($"the first post after the broker was ready: {back.TotalMilliseconds:N0} ms; a page by {read.TotalMilliseconds:N0} ms");
        Assert.True(read < Recovery, $"The first post came {back.TotalSeconds:N1} s after the broker was back, a page after {read.TotalSeconds:N1} s.");

        var drained = await run.JudgeAsync(final =>
        {
            attempts.Judge(final, InTime);
            return Task.CompletedTask;
        });
        output.WriteLine($"all events were handled {drained.TotalSeconds:N1} s after the last post");
    }

    private static void Wipe(string data)
    {
        foreach (var kept in new[] { "mnesia", "jetstream" }.SelectMany(name => Directory.GetDirectories(data, name, SearchOption.AllDirectories)).Where(Directory.Exists))
        {
            Directory.Delete(kept, recursive: true);
        }
    }
}
