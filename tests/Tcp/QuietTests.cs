using Anywire.Tcp.Tests.Bed;

namespace Anywire.Tcp.Tests;

#pragma warning disable xUnit1031, VSTHRD103 // It has to be silent for as long.

/// <summary>A connection over which little comes, as over one that has only heartbeats.</summary>
public sealed class QuietTests
{
    private static readonly byte[] Ping = RawPeer.Bytes(RawPeer.Frame(10, 0, 0, ""));

    [Fact]
    public async Task It_waits_without_a_buffer_and_has_one_again_for_what_comes()
    {
        using var bed = new MemoryBed();
        var peer = new AskedPeer();
        var connection = bed.Serve(peer);
        var read = await peer.NextAsync();
        Assert.NotEqual(0, read.Buffer.Length);
        using var never = new ManualResetEventSlim();
        Assert.False(never.Wait(TimeSpan.FromSeconds(1.2)));
        read.Answer(Ping);

        read = await peer.NextAsync();
        Assert.Equal(0, read.Buffer.Length);
        read.Answer([]);
        read = await peer.NextAsync();
        Assert.NotEqual(0, read.Buffer.Length);
        // Soon after the first: it is in use.
        read.Answer(Ping);
        read = await peer.NextAsync();
        Assert.NotEqual(0, read.Buffer.Length);
        Assert.False(connection.IsClosed);
        read.Answer([]);
        await connection.Closed.Soon();
    }
}
