using System.Globalization;
using System.Net;
using Twite.Faults;

namespace Twite.Processes;

/// <summary>Something between people and what they want takes nothing for a while, and is not gone: whoever tries is answered in time, nothing piles up, and it
/// goes on by itself.</summary>
public sealed class BackPressureTests(Authors authors, ITestOutputHelper output)
{
    private const long MostGrowth = 50_000_000;

    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(5);

    // As long as a call may take, and a request may make a few.
    private static readonly TimeSpan InTime = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(20);

    [Theory(Skip = LongForm.WhyNot, SkipUnless = nameof(LongForm.IsRequested), SkipType = typeof(LongForm))]
    [InlineData("queue")]
    [InlineData("mixed")]
    public async Task RabbitMQ_has_no_room_for_a_while(string topology)
    {
        await using var network = Network(topology);
        await using var run = await NetworkUnderLoad.StartAsync(network, authors);
        await TryMeanwhileAsync(
            run, () => network.RabbitMqCtlAsync("set_vm_memory_high_watermark", "0.0001"), () => network.RabbitMqCtlAsync("set_vm_memory_high_watermark", "0.4"),
            mayFail: topology != "mixed");
    }

    [Theory(Skip = LongForm.WhyNot, SkipUnless = nameof(LongForm.IsRequested), SkipType = typeof(LongForm))]
    [InlineData("queue")]
    [InlineData("nats")]
    public async Task A_service_hangs_for_a_while(string topology)
    {
        await using var network = Network(topology);
        await using var run = await NetworkUnderLoad.StartAsync(network, authors);
        var process = network.ProcessOf("messages");
        await TryMeanwhileAsync(run, () => UpNetwork.SignalAsync("STOP", process), () => UpNetwork.SignalAsync("CONT", process), mayFail: true);
        Assert.Equal(1, network.StartsOf("messages"));
    }

    // How much garbage there may be before it is collected follows the processor's cache: where that is large, services grow by more than this without anything that piles up.
    private static UpNetwork Network(string topology)
    {
        var network = new UpNetwork(topology);
        network.Environment["DOTNET_GCgen0size"] = "0x1000000";
        return network;
    }

    private async Task TryMeanwhileAsync(NetworkUnderLoad run, Func<Task> beginAsync, Func<Task> endAsync, bool mayFail)
    {
        var before = run.Network.Services.ToDictionary(s => s, s => MemoryOf(run.Network, s));
        await beginAsync();
        var since = TimeProvider.System.GetTimestamp();
        await using var attempts = new Attempts(run.Network.Url, run.Others);
        await Waiting.UntilAsync(() => TimeProvider.System.GetElapsedTime(since) >= Long, () => "it has lasted");
        var grown = before.ToDictionary(b => b.Key, b => MemoryOf(run.Network, b.Key) - b.Value);
        await endAsync();
        var back = await run.WaitForPostsAsync(20);
        await attempts.FinishAsync();
        output.WriteLine($"who tried once: {attempts}; the first post came {back.TotalMilliseconds:N0} ms after it was over");
        output.WriteLine($"memory: {string.Join(", ", grown.Select(g => $"{g.Key} {g.Value / 1_000_000:N0} MB more"))}");
        Assert.True(back < Recovery, $"The first post came {back.TotalSeconds:N1} s after it was over.");
        Assert.DoesNotContain(grown, g => g.Value > MostGrowth);
        Assert.True(mayFail || attempts.Made.All(a => a.Status == HttpStatusCode.OK), "Posting was to go on.");

        var drained = await run.JudgeAsync(final =>
        {
            attempts.Judge(final, InTime);
            return Task.CompletedTask;
        });
        output.WriteLine($"all events were handled {drained.TotalSeconds:N1} s after the last post");
    }

    private static long MemoryOf(UpNetwork network, string service)
    {
        var line = File.ReadLines($"/proc/{network.ProcessOf(service)}/status").Single(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return 1_024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
