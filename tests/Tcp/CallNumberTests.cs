using Anywire.Tcp.Tests.Bed;

namespace Anywire.Tcp.Tests;

/// <summary>The numbers of calls.</summary>
public sealed class CallNumberTests
{
    private const string Held = "0A 04 68 65 6C 64";
    private const string Next = "0A 04 6E 65 78 74";

    [Fact]
    public async Task None_is_the_connections_own()
    {
        await using var bed = await TcpBed.OpenAsync();
        using var peer = bed.Dial();
        await peer.GreetAsync();
        await peer.SendAsync(RawPeer.Method("Say"), RawPeer.Call(0, "0A 02 68 69"));
        Assert.Equal(12, (await peer.ReceiveAsync()).Kind);
        await peer.AssertClosedAsync();
        await bed.AssertServesAsync();
    }

    [Fact]
    public async Task One_is_free_again_when_its_call_was_cancelled_though_the_handler_is_still_at_work()
    {
        await using var bed = await TcpBed.OpenAsync();
        using var peer = bed.Dial();
        var release = await HoldFirstAsync(bed, peer);
        await peer.SendAsync(RawPeer.Frame(8, 0, 5, ""), RawPeer.Call(5, Next));
        Assert.Equal((4, 5u), await AnswerAsync(peer));
        release.SetResult();
        await Wait.UntilAsync(() => bed.Server.CallsInFlight == 0, "the first has ended");
        await peer.SendAsync(RawPeer.Call(6, Next));
        // Nothing of the first: nobody wants it.
        Assert.Equal((4, 6u), await AnswerAsync(peer));
    }

    [Fact]
    public async Task Cancelled_calls_count_as_long_as_their_handlers_are_at_work()
    {
        await using var bed = await TcpBed.OpenAsync(options: new TcpOptions { MaxCallsPerConnection = 1 });
        using var peer = bed.Dial();
        var release = await HoldFirstAsync(bed, peer);
        await peer.SendAsync(RawPeer.Frame(8, 0, 5, ""), RawPeer.Call(6, Next));
        Assert.Equal((6, 6u), await AnswerAsync(peer));
        release.SetResult();
        await Wait.UntilAsync(() => bed.Server.CallsInFlight == 0, "the first has ended");
        await peer.SendAsync(RawPeer.Call(7, Next));
        Assert.Equal((4, 7u), await AnswerAsync(peer));
    }

    [Fact]
    public async Task One_is_free_again_when_its_request_in_parts_was_answered_as_unreadable()
    {
        await using var bed = await TcpBed.OpenAsync();
        using var peer = bed.Dial();
        await peer.GreetAsync();
        await peer.SendAsync(RawPeer.Method("Say"));
        // Field 1, of more bytes than come.
        var unreadable = RawPeer.Bytes(RawPeer.Frame(3, 0x10, 5, "0001 FFFFFFFF 0000 0A") + RawPeer.Frame(4, 0x20, 5, "7F"));
        // Often: another thread answers, and the next call must come before it has done anything more.
        for (var i = 0; i < 2_000; i++)
        {
            await peer.SendAsync(unreadable);
            Assert.Equal((6, 5u), await AnswerAsync(peer));
        }
    }

    /// <summary>Greets, and makes call 5, whose handler is held until it is released.</summary>
    private static async Task<TaskCompletionSource> HoldFirstAsync(TcpBed bed, RawPeer peer)
    {
        var release = new TaskCompletionSource();
        bed.Service.Before = (line, _) => line.Text == "held" ? release.Task : Task.CompletedTask;
        await peer.GreetAsync();
        await peer.SendAsync(RawPeer.Method("Say"), RawPeer.Call(5, Held));
        await Wait.UntilAsync(() => bed.Server.CallsInFlight == 1, "the first is held");
        return release;
    }

    private static async Task<(int Kind, uint Call)> AnswerAsync(RawPeer peer)
    {
        var (kind, _, call, _) = await peer.ReceiveAsync();
        return (kind, call);
    }
}
