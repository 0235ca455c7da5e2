using Anywire.Tcp.Tests.Bed;
using Google.Protobuf;
using Grpc.Core;

namespace Anywire.Tcp.Tests;

/// <summary>A stream of requests whose call ends while a large message of it is on the way in parts.</summary>
public sealed class RefusedWriteTests
{
    private static readonly ByteString Large = ByteString.CopyFrom(new byte[4_000_000]);

    [Theory, InlineData(StatusCode.ResourceExhausted), InlineData(StatusCode.OK)]
    public async Task The_rest_of_it_is_not_sent_and_whoever_writes_it_is_told(StatusCode code)
    {
        await using var server = new RawServer();
        await using var bed = await TcpBed.OpenAsync();
        var client = bed.Connect([server.Endpoint]);
        var (call, writing, peer, id) = await BeginAsync(server, client);
        using var theCall = call;
        using var thePeer = peer;
        await peer.SendAsync(RawPeer.Frame(6, 0, id, $"{(int)code:X2} 0000 0000"));
        var error = await Assert.ThrowsAnyAsync<Exception>(() => writing.Soon());
        Assert.Equal(code, error is RpcException failure ? failure.StatusCode : StatusCode.OK);
        Assert.True(error is RpcException or InvalidOperationException, error.ToString());
        _ = client.SayAsync(new Line()).ResponseAsync;
        Assert.InRange(await BytesBeforeNextCallAsync(peer, id), 0, Large.Length - 1);
    }

    [Fact]
    public async Task A_lost_connection_is_told_to_whoever_writes_it()
    {
        await using var server = new RawServer();
        await using var bed = await TcpBed.OpenAsync();
        var (call, writing, peer, _) = await BeginAsync(server, bed.Connect([server.Endpoint]));
        using var theCall = call;
        peer.Dispose();
        Assert.Equal(StatusCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(() => writing.Soon())).StatusCode);
    }

    /// <summary>A call whose first message has come in part, and no more of it is read.</summary>
    private static async Task<(AsyncClientStreamingCall<Line, Line> Call, Task Writing, RawPeer Peer, uint Id)> BeginAsync(RawServer server, Echo.EchoClient client)
    {
        var call = client.Count();
        var writing = call.RequestStream.WriteAsync(new Line { Body = Large }, CancellationToken.None);
        var peer = await server.GreetAsync();
        var id = await peer.NextCallAsync();
        Assert.Equal((4, 0x10), await peer.ReceiveAsync() is var (kind, flags, _, _) ? (kind, flags) : default);
        Assert.False(writing.IsCompleted);
        return (call, writing, peer, id);
    }

    private static async Task<int> BytesBeforeNextCallAsync(RawPeer peer, uint id)
    {
        var bytes = 0;
        while (true)
        {
            var (kind, _, call, payload) = await peer.ReceiveAsync();
            Assert.NotEqual(0, kind);
            if (kind == 3)
            {
                return bytes;
            }
            bytes += kind == 4 && call == id ? payload.Length : 0;
        }
    }
}
