
namespace Anywire.Udp.Tests;

/// <summary>What a server that stops has handled it has answered.</summary>
public sealed class StopTests
{
    [Fact]
    public async Task An_answer_that_was_lost_before_its_server_stopped_is_asked_for_once_more()
    {
        await using var bed = await EchoBed.StartAsync();
        var asked = 0;
        await using var relay = new DatagramRelay(bed.Endpoint.Port, _ => Interlocked.Increment(ref asked));
        var echo = bed.Call(relay.Port);
        await echo.SayAsync(new Word()).ResponseAsync.Soon();
        using var release = new ManualResetEventSlim();
        bed.Echo.Before = _ => release.Wait();
        var before = Volatile.Read(ref asked);
        var call = echo.SayAsync(new Word { Number = 7 }).ResponseAsync;
        // The second time it was told that the handler is at work, so that it need not ask again for a second.
        await Wait.UntilAsync(() => Volatile.Read(ref asked) >= before + 2, "it was asked for twice");
        relay.Percent = 100;
        release.Set();
        await Wait.UntilAsync(() => bed.Server.CallsInFlight == 0 && relay.Lost > 0, "it was answered, and the answer was lost");
        relay.Percent = 0;
        await bed.Server.StopAsync(CancellationToken.None);
        Assert.Equal(7, (await call.Soon()).Number);
    }
}
