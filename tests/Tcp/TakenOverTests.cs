using Anywire.Tcp.Connections;
using Anywire.Tcp.Tests.Bed;

namespace Anywire.Tcp.Tests;

/// <summary>What becomes of a call whose code held up the reading thread, so that another had to read on.</summary>
public sealed class TakenOverTests
{
    // Field 1: held.
    private const string Held = "0A 04 68 65 6C 64";
    private const string Hi = "0A 02 68 69";

    [Fact]
    public async Task One_whose_reply_took_long_to_write_is_forgotten_all_the_same()
    {
        using var released = new ManualResetEventSlim();
        await using var bed = await TcpBed.OpenAsync(options: new TcpOptions { MaxCallsPerConnection = 1 }, around: b => new HeldReplies(b, released));
        bed.Service.Before = static async (line, _) =>
        {
            if (line.Text == "hi")
            {
                // Not done when it returns: the connection has to keep its call.
                await Task.Yield();
            }
        };
        using var peer = bed.Dial();
        await peer.GreetAsync();
        await peer.SendAsync(RawPeer.Method("Say"), RawPeer.Frame(2, 0, 0, "0002" + Convert.ToHexString("/anywire.tcp.tests.Echo/Little"u8)), RawPeer.Call(1, Held));
        // Another thread answers this while the first writes the reply of the other.
        await peer.SendAsync(RawPeer.Frame(3, 0x20, 2, "0002 FFFFFFFF 0000" + Hi));
        Assert.Equal(2u, (await peer.ReceiveAsync()).Call);
        released.Set();
        Assert.Equal(1u, (await peer.ReceiveAsync()).Call);
        await peer.SendAsync(RawPeer.Call(3, Hi));
        var (kind, _, call, _) = await peer.ReceiveAsync();
        Assert.Equal((4, 3u), (kind, call));
    }

    [Fact]
    public void One_that_has_ended_just_then_is_not_kept()
    {
        using var bed = new MemoryBed();
        var connection = bed.Serve(new MemoryPeer(RawPeer.Bytes(RawPeer.Method("Say") + RawPeer.Call(1, Hi)), endsOpen: true));
        // The watchdog saw it run, and came too late to see it end.
        ((IFrameSink)connection).OnTakenOver();
        Assert.Equal(0, connection.Calls);
    }
}
