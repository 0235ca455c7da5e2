using System.Text;
using Anywire.Tcp.Tests.Bed;
using Grpc.Core;

namespace Anywire.Tcp.Tests;

/// <summary>The frames of the README, byte by byte, against a plain socket. Whoever changes one of these breaks every client in another language.</summary>
public sealed class GoldenTests
{
    // Field 1, two bytes of text: hi.
    private const string Hi = "0A 02 68 69";

    [Fact]
    public async Task A_server_answers_the_hello_with_its_own()
    {
        await using var bed = await TcpBed.OpenAsync();
        using var peer = bed.Dial();
        await peer.SendAsync(RawPeer.Hello);
        // A window of 1 MiB, 16,384 calls.
        Assert.Equal(RawPeer.Bytes("01 00000E 00000000  41 4E 59 57 01 00  00100000  00004000"), await peer.ReceiveAsync(22));
    }

    [Fact]
    public async Task A_plain_reply_is_one_frame()
    {
        await using var bed = await TcpBed.OpenAsync();
        using var peer = bed.Dial();
        await peer.GreetAsync();
        await peer.SendAsync(
            "02 00001D 00000000  0001 2F 61 6E 79 77 69 72 65 2E 74 63 70 2E 74 65 73 74 73 2E 45 63 68 6F 2F 53 61 79",
            "23 00000C 00000007  0001  0000EA60  0000 ", Hi);
        Assert.Equal(RawPeer.Bytes("24 000004 00000007 " + Hi), await peer.ReceiveAsync(12));
    }

    [Fact]
    public async Task Headers_trailers_and_a_status_have_frames_of_their_own()
    {
        await using var bed = await TcpBed.OpenAsync();
        bed.Service.Before = static async (_, context) =>
        {
            await context.WriteResponseHeadersAsync(new() { { "a", "b" } });
            context.ResponseTrailers.Add("c-bin", [255]);
        };
        using var peer = bed.Dial();
        await peer.GreetAsync();
        await peer.SendAsync(RawPeer.Method("Say"), RawPeer.Call(1, Hi));
        Assert.Equal(
            RawPeer.Bytes($"07 000007 00000001 0001 01 61 0001 62  04 000004 00000001 {Hi}  06 00000E 00000001 00 0000 0001 05 63 2D 62 69 6E 0001 FF"),
            await peer.ReceiveAsync(15 + 12 + 22));
    }

    [Fact]
    public async Task A_failure_is_a_status_with_its_detail()
    {
        await using var bed = await TcpBed.OpenAsync();
        using var peer = bed.Dial();
        await peer.GreetAsync();
        await peer.SendAsync(RawPeer.Method("None"), RawPeer.Call(1, Hi));
        var (kind, _, call, payload) = await peer.ReceiveAsync();
        Assert.Equal((6, 1u), (kind, call));
        const string Detail = "There is no method /anywire.tcp.tests.Echo/None here.";
        Assert.Equal([12, 0, (byte)Detail.Length, .. Encoding.ASCII.GetBytes(Detail), 0, 0], payload);
    }

    [Fact]
    public async Task A_message_may_come_in_parts_between_which_others_have_their_turn()
    {
        await using var bed = await TcpBed.OpenAsync();
        using var peer = bed.Dial();
        await peer.GreetAsync();
        await peer.SendAsync(
            RawPeer.Method("Say"), RawPeer.Frame(3, 0x10, 1, "0001 FFFFFFFF 0000 0A"), RawPeer.Call(2, Hi), RawPeer.Frame(4, 0x10, 1, "02"), RawPeer.Frame(4, 0x20, 1, "68 69"));
        Assert.Equal(RawPeer.Bytes($"24 000004 00000002 {Hi} 24 000004 00000001 {Hi}"), await peer.ReceiveAsync(24));
    }

    [Fact]
    public async Task A_stream_of_requests_ends_with_a_half_close()
    {
        await using var bed = await TcpBed.OpenAsync();
        using var peer = bed.Dial();
        await peer.GreetAsync();
        await peer.SendAsync(RawPeer.Method("Count"), RawPeer.Frame(3, 0, 1, "0001 FFFFFFFF 0000"), RawPeer.Frame(4, 0, 1, Hi), RawPeer.Frame(4, 0, 1, Hi), RawPeer.Frame(5, 0, 1, ""));
        Assert.Equal(RawPeer.Bytes("04 000003 00000001 0A 01 32  06 000005 00000001 00 0000 0000"), await peer.ReceiveAsync(11 + 13));
    }

    [Fact]
    public async Task A_stream_of_replies_waits_for_room()
    {
        await using var bed = await TcpBed.OpenAsync();
        using var peer = bed.Dial();
        // A window of one byte: the first message overdraws it, the second waits.
        await peer.SendAsync("01 00000E 00000000  41 4E 59 57 01 00  00000001  00000000");
        Assert.Equal(1, (await peer.ReceiveAsync()).Kind);
        await peer.SendAsync(RawPeer.Method("Lines"), RawPeer.Call(1, "0A 01 32"));
        Assert.Equal(RawPeer.Bytes("04 000000 00000001"), await peer.ReceiveAsync(8));
        await peer.SendAsync("0A 000000 00000000");
        // Nothing but the answer to the ping came meanwhile.
        Assert.Equal(RawPeer.Bytes("0B 000000 00000000"), await peer.ReceiveAsync(8));
        await peer.SendAsync("09 000004 00000001 00000040");
        Assert.Equal(RawPeer.Bytes("04 000000 00000001  06 000005 00000001 00 0000 0000"), await peer.ReceiveAsync(8 + 13));
    }

    [Fact]
    public async Task Cancelling_reaches_the_handler_and_is_not_answered()
    {
        await using var bed = await TcpBed.OpenAsync();
        var told = new TaskCompletionSource();
        bed.Service.Before = async (line, context) =>
        {
            if (line.Text == "hi")
            {
                context.CancellationToken.Register(told.SetResult);
                await told.Task;
            }
        };
        using var peer = bed.Dial();
        await peer.GreetAsync();
        await peer.SendAsync(RawPeer.Method("Say"), RawPeer.Call(1, Hi), "08 000000 00000001");
        await told.Task.Soon();
        await peer.SendAsync(RawPeer.Call(2, "0A 01 32"));
        Assert.Equal(RawPeer.Bytes("24 000003 00000002 0A 01 32"), await peer.ReceiveAsync(11));
    }

    [Fact]
    public async Task What_has_no_time_left_is_not_executed()
    {
        await using var bed = await TcpBed.OpenAsync();
        var ran = false;
        bed.Service.Before = (_, _) =>
        {
            ran = true;
            return Task.CompletedTask;
        };
        using var peer = bed.Dial();
        await peer.GreetAsync();
        await peer.SendAsync(RawPeer.Method("Say"), RawPeer.Frame(3, 0x20, 1, "0001 00000000 0000" + Hi));
        var (kind, _, _, payload) = await peer.ReceiveAsync();
        Assert.Equal((6, 4), (kind, payload[0]));
        Assert.False(ran);
    }

    [Fact]
    public async Task A_server_that_stops_says_so()
    {
        await using var bed = await TcpBed.OpenAsync();
        using var peer = bed.Dial();
        await peer.GreetAsync();
        var stopping = bed.Server.StopAsync(CancellationToken.None);
        var (kind, _, call, payload) = await peer.ReceiveAsync();
        Assert.Equal((12, 0u, "the service is shutting down"), (kind, call, Encoding.ASCII.GetString(payload)));
        peer.Dispose();
        await stopping.Soon();
    }

    [Fact]
    public async Task A_caller_says_this()
    {
        await using var server = new RawServer();
        await using var bed = await TcpBed.OpenAsync();
        var client = bed.Connect([server.Endpoint]);
        var call = client.SayAsync(new Line { Text = "hi" }, new Metadata { { "k", "v" } });
        using var peer = await server.AcceptAsync();
        Assert.Equal(RawPeer.Bytes(RawPeer.Hello), await peer.ReceiveAsync(22));
        await peer.SendAsync("01 00000E 00000000  41 4E 59 57 01 00  00100000  00000010");
        Assert.Equal(RawPeer.Bytes(RawPeer.Method("Say")), await peer.ReceiveAsync(8 + 2 + 27));
        var (kind, flags, id, payload) = await peer.ReceiveAsync();
        Assert.Equal((3, 0x20), (kind, flags));
        // Somewhat less than the 60 seconds of the contract; then the metadata, with the claim of a plain wire; then the message.
        Assert.Equal([0, 1, 0, 0], payload[..4]);
        Assert.Equal(
            [.. RawPeer.Bytes("0002 01 6B 0001 76 0E"), .. "anywire-caller"u8, 0, 6, .. "tester"u8, .. RawPeer.Bytes(Hi)], payload[6..]);
        await peer.SendAsync(RawPeer.Frame(4, 0x20, id, Hi));
        Assert.Equal("hi", (await call.ResponseAsync.Soon()).Text);
    }
}
