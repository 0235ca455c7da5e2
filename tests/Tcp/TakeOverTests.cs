using Anywire.Tcp.Connections;
using Anywire.Tcp.Tests.Bed;

namespace Anywire.Tcp.Tests;

/// <summary>Another thread reads on when a handler holds up the one that did: what becomes of the call that was running.</summary>
public sealed class TakeOverTests
{
    private const string Hi = "0A 02 68 69";

    [Fact]
    public void A_call_that_has_ended_just_then_is_not_kept()
    {
        using var bed = new MemoryBed();
        var connection = bed.Serve(new MemoryPeer(RawPeer.Bytes(RawPeer.Method("Say") + RawPeer.Call(1, Hi)), endsOpen: true));
        // The watchdog saw it run, and came too late to see it end.
        ((IFrameSink)connection).OnTakenOver();
        Assert.Equal(0, connection.Calls);
    }
}
