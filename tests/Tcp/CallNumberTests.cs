using Anywire.Tcp.Tests.Bed;

namespace Anywire.Tcp.Tests;

/// <summary>The numbers of calls.</summary>
public sealed class CallNumberTests
{
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
}
