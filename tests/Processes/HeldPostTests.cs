using System.Net;
using Twite.Faults;

namespace Twite.Processes;

/// <summary>Messages is away, and a broker keeps what people post.</summary>
public sealed class HeldPostTests(ITestOutputHelper output)
{
    [Theory(Skip = LongForm.WhyNot, SkipUnless = nameof(LongForm.IsRequested), SkipType = typeof(LongForm))]
    [InlineData("queue")]
    [InlineData("nats")]
    public async Task What_is_posted_while_messages_is_away_is_shown_as_waiting_and_takes_its_place_once(string topology)
    {
        await using var network = new UpNetwork(topology);
        network.Start();
        await network.WaitUntilUpAsync();
        using var writer = new Visitor(network.Url);
        Assert.Equal(HttpStatusCode.OK, (await writer.SubmitAsync("/signup", "/signup", ("Name", "writer"), ("password", "a finch on a fence"))).Status);

        await network.TakeAwayAsync("messages");
        await Waiting.UntilAsync(() => !UpNetwork.IsRunning(network.ProcessOf("messages")), () => "messages is gone");
        var asked = TimeProvider.System.GetTimestamp();
        // The page it leads to is one of timelines, and says that they are away.
        var (_, page) = await writer.SubmitAsync("/compose", "/compose", ("text", "Kept for later"));
        output.WriteLine($"answered after {TimeProvider.System.GetElapsedTime(asked).TotalMilliseconds:N0} ms");
        Assert.Contains("Waiting to be posted", page, StringComparison.Ordinal);
        Assert.Contains("Kept for later", page, StringComparison.Ordinal);

        await network.LetBackAsync("messages");
        using var reader = new Visitor(network.Url);
        await Waiting.UntilAsync(async () => (await reader.GetAsync("/public")).Text.Contains("Kept for later", StringComparison.Ordinal), () => $"it is posted\n{network.Log}");
        Assert.Single((await reader.GetAsync("/@writer")).Text.Split("Kept for later")[1..]);
        var home = (await writer.GetAsync("/")).Text;
        Assert.Contains("has been posted", home, StringComparison.Ordinal);
        Assert.DoesNotContain("Waiting to be posted", home, StringComparison.Ordinal);
        Assert.Equal(0, await network.StopAsync());
    }
}
