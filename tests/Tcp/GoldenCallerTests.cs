using Anywire.Tcp.Tests.Bed;
using Grpc.Core;

namespace Anywire.Tcp.Tests;

/// <summary>The frames of the README that a caller sends and takes, byte by byte, beside those in <see cref="GoldenTests"/>.</summary>
public sealed class GoldenCallerTests
{
    private const string Hi = "0A 02 68 69";
    private const string ServersHello = "01 00000E 00000000  41 4E 59 57 01 00  00100000  00000010";

    [Fact]
    public async Task A_stream_of_requests_is_a_call_messages_and_a_half_close()
    {
        await using var server = new RawServer();
        await using var bed = await TcpBed.OpenAsync();
        var call = bed.Connect([server.Endpoint]).Count();
        using var peer = await GreetAsync(server);
        Assert.Equal(2, (await peer.ReceiveAsync()).Kind);
        var (kind, flags, id, _) = await peer.ReceiveAsync();
        // Neither last nor more: no message yet.
        Assert.Equal((3, 0), (kind, flags));
        await call.RequestStream.WriteAsync(new Line { Text = "hi" }, CancellationToken.None);
        await call.RequestStream.CompleteAsync();
        Assert.Equal(RawPeer.Bytes($"04 000004 {id:X8} {Hi}  05 000000 {id:X8}"), await peer.ReceiveAsync(12 + 8));
        await peer.SendAsync($"04 000003 {id:X8} 0A 01 31  06 000005 {id:X8} 00 0000 0000");
        Assert.Equal("1", (await call.ResponseAsync.Soon()).Text);
    }

    [Fact]
    public async Task A_stream_of_requests_waits_for_room()
    {
        await using var server = new RawServer();
        await using var bed = await TcpBed.OpenAsync();
        var call = bed.Connect([server.Endpoint]).Count();
        // A window of one byte: the first message overdraws it by 67.
        using var peer = await GreetAsync(server, "01 00000E 00000000  41 4E 59 57 01 00  00000001  00000010");
        await peer.ReceiveAsync();
        var id = (await peer.ReceiveAsync()).Call;
        await call.RequestStream.WriteAsync(new Line { Text = "hi" }, CancellationToken.None).Soon();
        var second = call.RequestStream.WriteAsync(new Line(), CancellationToken.None);
        await peer.ReceiveAsync(12);
        // 67 are not enough, 68 are.
        await peer.SendAsync($"09 000004 {id:X8} 00000043  0A 000001 00000000 07");
        Assert.Equal(RawPeer.Bytes("0B 000001 00000000 07"), await peer.ReceiveAsync(9));
        Assert.False(second.IsCompleted);
        await peer.SendAsync($"09 000004 {id:X8} 00000001");
        await second.Soon();
        Assert.Equal(RawPeer.Bytes($"04 000000 {id:X8}"), await peer.ReceiveAsync(8));
    }

    [Fact]
    public async Task What_a_caller_has_read_of_a_stream_it_gives_back()
    {
        await using var server = new RawServer();
        await using var bed = await TcpBed.OpenAsync();
        var call = bed.Connect([server.Endpoint]).Lines(new Line { Text = "9" });
        using var peer = await GreetAsync(server);
        await peer.ReceiveAsync();
        var id = (await peer.ReceiveAsync()).Call;
        // Nine messages of 30,000 bytes: more than a quarter of its window of 1 MiB.
        var message = $"04 007530 {id:X8} 12 ACEA01" + string.Concat(Enumerable.Repeat("00", 29_996));
        await peer.SendAsync(string.Concat(Enumerable.Repeat(message, 9)));
        var lines = 0;
        while (lines < 9 && await call.ResponseStream.MoveNext(CancellationToken.None).Soon())
        {
            lines++;
        }
        // Their bytes, and 64 more of each.
        Assert.Equal(RawPeer.Bytes($"09 000004 {id:X8} 000420F0"), await peer.ReceiveAsync(12));
        await peer.SendAsync($"06 000005 {id:X8} 00 0000 0000");
        Assert.False(await call.ResponseStream.MoveNext(CancellationToken.None).Soon());
    }

    [Fact]
    public async Task Headers_a_reply_and_a_status_with_trailers_are_taken()
    {
        await using var called = await CalledAsync();
        var (_, _, call, peer, id) = called;
        await peer.SendAsync($"07 000007 {id:X8} 0001 01 61 0001 62  04 000004 {id:X8} {Hi}  06 00000E {id:X8} 00 0000 0001 05 63 2D 62 69 6E 0001 FF");
        Assert.Equal("hi", (await call.ResponseAsync.Soon()).Text);
        Assert.Equal("b", (await call.ResponseHeadersAsync.Soon()).GetValue("a"));
        Assert.Equal([255], call.GetTrailers().GetValueBytes("c-bin")!);
    }

    [Fact]
    public async Task A_reply_in_parts_is_put_together()
    {
        await using var called = await CalledAsync();
        var (_, _, call, peer, id) = called;
        await peer.SendAsync($"14 000001 {id:X8} 0A  14 000000 {id:X8}  24 000003 {id:X8} 02 68 69");
        Assert.Equal("hi", (await call.ResponseAsync.Soon()).Text);
    }

    [Fact]
    public async Task A_request_of_several_frames_is_cut()
    {
        await using var server = new RawServer();
        await using var bed = await TcpBed.OpenAsync();
        _ = bed.Connect([server.Endpoint]).SayAsync(new Line { Body = Google.Protobuf.ByteString.CopyFrom(new byte[40_000]) });
        using var peer = await GreetAsync(server);
        await peer.ReceiveAsync();
        var first = await peer.ReceiveAsync();
        var last = await peer.ReceiveAsync();
        Assert.Equal((3, 0x10, 32_768), (first.Kind, first.Flags, first.Payload.Length));
        Assert.Equal((4, 0x20, first.Call), (last.Kind, last.Flags, last.Call));
    }

    [Fact]
    public async Task Giving_up_is_a_cancel()
    {
        await using var called = await CalledAsync();
        var (_, _, call, peer, id) = called;
        call.Dispose();
        Assert.Equal(RawPeer.Bytes($"08 000000 {id:X8}"), await peer.ReceiveAsync(8));
        await Wait.FailsAsync(StatusCode.Cancelled, () => call.ResponseAsync);
    }

    [Fact]
    public async Task Told_to_go_away_a_caller_closes_when_its_last_call_has_ended()
    {
        await using var called = await CalledAsync();
        var (_, _, call, peer, id) = called;
        await peer.SendAsync("0C 000003 00000000 65 6E 64", $"24 000004 {id:X8} {Hi}");
        Assert.Equal("hi", (await call.ResponseAsync.Soon()).Text);
        Assert.Equal(0, (await peer.ReceiveAsync()).Kind);
    }

    [Fact]
    public async Task Who_hears_nothing_asks()
    {
        await using var called = await CalledAsync(new TcpOptions { HeartbeatDelay = TimeSpan.FromMilliseconds(200) });
        var (_, _, call, peer, id) = called;
        Assert.Equal(RawPeer.Bytes("0A 000008 00000000 0000000000000000"), await peer.ReceiveAsync(16));
        await peer.SendAsync("0B 000008 00000000 0000000000000000", $"24 000004 {id:X8} {Hi}");
        await call.ResponseAsync.Soon();
    }

    /// <summary>A plain socket that has been asked to say something, and has not answered.</summary>
    private static async Task<Called> CalledAsync(TcpOptions? options = null)
    {
        var server = new RawServer();
        var bed = await TcpBed.OpenAsync(options: options);
        var call = bed.Connect([server.Endpoint]).SayAsync(new Line());
        var peer = await GreetAsync(server);
        while (true)
        {
            // The method's name comes first, and whoever was held up may ask already whether anybody is there.
            var (kind, _, id, _) = await peer.ReceiveAsync();
            Assert.NotEqual(0, kind);
            if (kind == 3)
            {
                return new Called(server, bed, call, peer, id);
            }
        }
    }

    private static async Task<RawPeer> GreetAsync(RawServer server, string hello = ServersHello)
    {
        var peer = await server.AcceptAsync();
        Assert.Equal(RawPeer.Bytes(RawPeer.Hello), await peer.ReceiveAsync(22));
        await peer.SendAsync(hello);
        return peer;
    }

    private sealed record Called(RawServer Server, TcpBed Bed, AsyncUnaryCall<Line> Call, RawPeer Peer, uint Id) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            Peer.Dispose();
            await Bed.DisposeAsync();
            await Server.DisposeAsync();
        }
    }
}
