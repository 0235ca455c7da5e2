using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Anywire.Tcp.Tests.Bed;
using Twite.Faults;

namespace Anywire.Tcp.Tests;

/// <summary>What breaks naive socket servers, each beside an honest caller that never notices.</summary>
public sealed class BadPeerTests
{
    private const string Hi = "0A 02 68 69";

    // Honest callers greet within it as well, some of them over TLS while other tests run.
    private static readonly TcpOptions Impatient = new() { ConnectTimeout = TimeSpan.FromSeconds(2) };

    [Theory, InlineData("tcp"), InlineData("tcps")]
    public async Task One_that_connects_and_says_nothing_is_closed(string scheme)
    {
        await using var bed = await TcpBed.OpenAsync(scheme, Impatient);
        await bed.AssertServesAsync();
        using var silent = bed.Dial();
        await bed.AssertServesAsync();
        await silent.AssertClosedAsync();
        await bed.AssertServesAsync();
    }

    [Theory, InlineData("tcp"), InlineData("tcps")]
    public async Task One_that_connects_and_closes_leaves_no_trace(string scheme)
    {
        await using var bed = await TcpBed.OpenAsync(scheme);
        for (var i = 0; i < 50; i++)
        {
            bed.Dial().Dispose();
        }
        await bed.AssertServesAsync();
        Assert.DoesNotContain("Refused", bed.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_stops_in_the_middle_of_the_hello_is_closed()
    {
        await using var bed = await TcpBed.OpenAsync(options: Impatient);
        using var peer = bed.Dial();
        await peer.SendAsync(RawPeer.Hello[..20]);
        await bed.AssertServesAsync();
        await peer.AssertClosedAsync();
    }

    [Fact]
    public async Task One_that_stops_in_the_middle_of_a_frame_holds_up_nobody()
    {
        await using var bed = await TcpBed.OpenAsync();
        using var peer = bed.Dial();
        await peer.GreetAsync();
        var call = RawPeer.Bytes(RawPeer.Method("Say") + RawPeer.Call(1, Hi));
        await peer.SendAsync(call[..^1]);
        await bed.AssertServesAsync();
        await peer.SendAsync(call[^1..]);
        Assert.Equal(4, (await peer.ReceiveAsync()).Kind);
    }

    [Fact]
    public async Task One_that_sends_byte_by_byte_is_served_all_the_same()
    {
        await using var bed = await TcpBed.OpenAsync();
        using var peer = bed.Dial();
        foreach (var one in RawPeer.Bytes(RawPeer.Hello + RawPeer.Method("Say") + RawPeer.Call(1, Hi)))
        {
            await peer.SendAsync([one]);
        }
        Assert.Equal(1, (await peer.ReceiveAsync()).Kind);
        Assert.Equal(4, (await peer.ReceiveAsync()).Kind);
        await bed.AssertServesAsync();
    }

    [Theory]
    [InlineData("04 FFFFFF 00000001", "16,777,215 bytes")]
    [InlineData("04 008001 00000001", "32,769 bytes")]
    [InlineData("01 00000E 00000000 41 4E 59 57 01 00 00100000 00000000", "kind 1")]
    [InlineData("06 000005 00000001 00 0000 0000", "kind 6")]
    [InlineData("0F 000000 00000000", "kind 15")]
    [InlineData("00 000000 00000000", "kind 0")]
    [InlineData("23 000008 00000001 0009 FFFFFFFF 0000", "without having named it")]
    [InlineData("23 000001 00000001 00", "in the middle of a field")]
    [InlineData("02 000001 00000000 00", "in the middle of a field")]
    public async Task One_that_breaks_the_rules_is_told_and_closed(string bytes, string reason)
    {
        await using var bed = await TcpBed.OpenAsync();
        using var peer = bed.Dial();
        await peer.GreetAsync();
        await peer.SendAsync(bytes);
        var (kind, _, _, payload) = await peer.ReceiveAsync();
        Assert.Equal(12, kind);
        Assert.Contains(reason, Encoding.UTF8.GetString(payload), StringComparison.Ordinal);
        await peer.AssertClosedAsync();
        await bed.AssertServesAsync();
        Assert.Contains(reason, bed.Log.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0001 FFFFFFFF FFFF", "65535 entries")]
    [InlineData("0001 FFFFFFFF 0001 01 00 0000", "a key that is none")]
    [InlineData("0001 FFFFFFFF 0001 01 41 0000", "a key that is none")]
    [InlineData("0001 FFFFFFFF 0001 00 0000", "a key that is none")]
    [InlineData("0001 FFFFFFFF 0001 FF", "in the middle of a field")]
    public async Task Metadata_that_is_none_closes_the_connection(string payload, string reason)
    {
        await using var bed = await TcpBed.OpenAsync();
        using var peer = bed.Dial();
        await peer.GreetAsync();
        await peer.SendAsync(RawPeer.Method("Say"), RawPeer.Frame(3, 0x20, 1, payload));
        Assert.Equal(12, (await peer.ReceiveAsync()).Kind);
        await peer.AssertClosedAsync();
        Assert.Contains(reason, bed.Log.Text, StringComparison.Ordinal);
        await bed.AssertServesAsync();
    }

    [Theory]
    [InlineData("47 45 54 20 2F 20 48 54 54 50 2F 31 2E 31 0D 0A 48 6F 73 74 3A 20 61 0D 0A 0D 0A", "does not speak")]
    [InlineData("16 03 01 00 C8 01 00 00 C4 03 03 00 00 00 00 00 00 00 00 00 00 00", "does not speak")]
    [InlineData("01 00000E 00000000  41 4E 59 57 02 00  00100000  00000000", "version 2")]
    [InlineData("01 00000E 00000000  41 4E 59 58 01 00  00100000  00000000", "does not speak")]
    [InlineData("01 00000E 00000000  41 4E 59 57 01 00  00000000  00000000", "bounds")]
    public async Task One_that_speaks_something_else_is_refused(string bytes, string reason)
    {
        await using var bed = await TcpBed.OpenAsync();
        using var peer = bed.Dial();
        await peer.SendAsync(bytes);
        await peer.AssertClosedAsync();
        await Wait.UntilAsync(() => bed.Log.Text.Contains(reason, StringComparison.Ordinal), "the log says why");
        await bed.AssertServesAsync();
    }

    [Fact]
    public async Task One_that_closes_its_half_leaves_without_an_answer_and_without_harm()
    {
        await using var bed = await TcpBed.OpenAsync();
        var cancelled = new TaskCompletionSource();
        bed.Service.Before = async (line, context) =>
        {
            if (line.Text == "hi")
            {
                context.CancellationToken.Register(cancelled.SetResult);
                await cancelled.Task;
            }
        };
        using var peer = bed.Dial();
        await peer.GreetAsync();
        await peer.SendAsync(RawPeer.Method("Say"), RawPeer.Call(1, Hi));
        peer.Socket.Shutdown(SocketShutdown.Send);
        await cancelled.Task.Soon();
        await peer.AssertClosedAsync();
        await bed.AssertServesAsync();
    }

    [Fact]
    public async Task One_that_resets_the_connection_in_the_middle_of_a_reply_frees_its_call()
    {
        await using var bed = await TcpBed.OpenAsync();
        using (var peer = bed.Dial())
        {
            await peer.GreetAsync();
            await peer.SendAsync(RawPeer.Method("Lines"), RawPeer.Call(1, "0A 04 39 39 39 39"));
            Assert.Equal(4, (await peer.ReceiveAsync()).Kind);
            peer.Socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        await Wait.UntilAsync(() => bed.Server.CallsInFlight == 0, "its handler has ended");
        await bed.AssertServesAsync();
    }

    [Fact]
    public async Task Many_that_never_speak_give_way_oldest_first()
    {
        await using var bed = await TcpBed.OpenAsync(options: new TcpOptions { MaxNewConnections = 20 });
        await bed.AssertServesAsync();
        var silent = Enumerable.Range(0, 30).Select(_ => bed.Dial()).ToList();
        foreach (var old in silent.Take(10))
        {
            await old.AssertClosedAsync();
        }
        await bed.AssertServesAsync();
        // One that has something to say says it at once, and is served among all those who have not.
        using var peer = bed.Dial();
        await peer.GreetAsync();
        silent.ForEach(static s => s.Dispose());
    }

    [Fact]
    public async Task Thousands_that_never_speak_hold_up_neither_those_who_are_in_nor_those_who_come()
    {
        LongForm.RequireIf(isLong: true);
        await using var bed = await TcpBed.OpenAsync("tcps");
        await bed.AssertServesAsync();
        var silent = Enumerable.Range(0, 4_000).Select(_ => bed.Dial()).ToList();
        await bed.AssertServesAsync();
        await bed.Connect().SayAsync(new Line()).ResponseAsync.Soon();
        silent.ForEach(static s => s.Dispose());
    }

    [Fact]
    public async Task A_storm_of_new_connections_starves_nobody()
    {
        await using var bed = await TcpBed.OpenAsync("tcps");
        await bed.AssertServesAsync();
        // On a machine with much to do some may not get in at the first try.
        var patient = new RetryOptions { MaxAttempts = 20 };
        var storm = Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => bed.Connect(retry: patient).SayAsync(new Line()).ResponseAsync)));
        while (!storm.IsCompleted)
        {
            await bed.AssertServesAsync();
        }
        await storm.Soon();
    }

    [Fact]
    public async Task One_that_never_reads_is_closed_and_its_replies_are_forgotten()
    {
        await using var bed = await TcpBed.OpenAsync(options: new TcpOptions
        {
            HeartbeatDelay = TimeSpan.FromMilliseconds(200), HeartbeatTimeout = TimeSpan.FromSeconds(1), MaxWaitingBytes = 1024 * 1024,
        });
        await bed.AssertServesAsync();
        using var deaf = bed.Dial();
        deaf.Socket.ReceiveBufferSize = 4096;
        await deaf.GreetAsync();
        await deaf.SendAsync(RawPeer.Method("Say"));
        // Each answer is 30 KB, and it asks without end.
        var ask = RawPeer.Bytes(RawPeer.Call(1, "12 B0EA01" + string.Concat(Enumerable.Repeat("00", 30_000))));
        var asking = Record.ExceptionAsync(async () =>
        {
            // Each under a number of its own: on a machine with much to do the one before may be under way still.
            for (var call = 1u; ; call++)
            {
                BinaryPrimitives.WriteUInt32BigEndian(ask.AsSpan(4), call);
                await deaf.SendAsync(ask);
            }
        });
        await bed.AssertServesAsync();
        await Wait.UntilAsync(() => bed.Log.Text.Contains("nothing was heard", StringComparison.Ordinal), "it is given up");
        Assert.IsType<SocketException>(await asking.AsTask().Soon());
        await bed.AssertServesAsync();
    }

    [Fact]
    public async Task A_call_under_the_id_of_one_that_is_under_way_closes_the_connection()
    {
        await using var bed = await TcpBed.OpenAsync();
        var release = new TaskCompletionSource();
        bed.Service.Before = (line, _) => line.Text == "hi" ? release.Task : Task.CompletedTask;
        using var peer = bed.Dial();
        await peer.GreetAsync();
        await peer.SendAsync(RawPeer.Method("Say"), RawPeer.Call(1, Hi), RawPeer.Call(1, Hi));
        Assert.Equal(12, (await peer.ReceiveAsync()).Kind);
        await peer.AssertClosedAsync();
        await bed.AssertServesAsync();
        release.SetResult();
    }

    [Fact]
    public async Task Frames_for_calls_that_nobody_knows_are_ignored()
    {
        await using var bed = await TcpBed.OpenAsync();
        using var peer = bed.Dial();
        await peer.GreetAsync();
        await peer.SendAsync("08 000000 00000063", "04 000000 00000063", "05 000000 00000063", "09 000004 00000063 00000001", RawPeer.Method("Say"), RawPeer.Call(1, Hi));
        Assert.Equal((4, 1u), ((await peer.ReceiveAsync()) is var frame ? frame.Kind : 0, frame.Call));
    }

    [Fact]
    public async Task More_methods_than_anybody_has_close_the_connection()
    {
        await using var bed = await TcpBed.OpenAsync();
        using var peer = bed.Dial();
        await peer.GreetAsync();
        await peer.SendAsync(string.Concat(Enumerable.Range(0, 5_000).Select(i => RawPeer.Frame(2, 0, 0, $"{i:X4} 61"))));
        Assert.Equal(12, (await peer.ReceiveAsync()).Kind);
        await peer.AssertClosedAsync();
        await bed.AssertServesAsync();
    }

    [Fact]
    public async Task A_message_in_parts_beyond_its_limit_is_refused_and_no_more_of_it_kept()
    {
        await using var bed = await TcpBed.OpenAsync();
        using var peer = bed.Dial();
        await peer.GreetAsync();
        var part = string.Concat(Enumerable.Repeat("00", 32_000));
        await peer.SendAsync(RawPeer.Method("Little"), RawPeer.Frame(3, 0x10, 1, "0001 FFFFFFFF 0000"));
        for (var i = 0; i < 10; i++)
        {
            await peer.SendAsync(RawPeer.Frame(4, 0x10, 1, part));
        }
        var (kind, _, call, payload) = await peer.ReceiveAsync();
        Assert.Equal((6, 1u, 8), (kind, call, payload[0]));
        await peer.SendAsync(RawPeer.Call(2, Hi));
        Assert.Equal(2u, (await peer.ReceiveAsync()).Call);
    }

    [Fact]
    public async Task Unfinished_messages_together_have_a_limit_too()
    {
        await using var bed = await TcpBed.OpenAsync(options: new TcpOptions { MaxUnfinishedBytes = 100_000 });
        using var peer = bed.Dial();
        await peer.GreetAsync();
        var part = "0001 FFFFFFFF 0000" + string.Concat(Enumerable.Repeat("00", 30_000));
        await peer.SendAsync(RawPeer.Method("Say"));
        for (var call = 1u; call <= 4; call++)
        {
            await peer.SendAsync(RawPeer.Frame(3, 0x10, call, part));
        }
        var (kind, _, refused, payload) = await peer.ReceiveAsync();
        Assert.Equal((6, 4u, 8), (kind, refused, payload[0]));
        // Those that are given up make room.
        await peer.SendAsync("08 000000 00000001", RawPeer.Frame(3, 0x10, 5, part), RawPeer.Call(6, Hi));
        Assert.Equal((4, 6u), ((await peer.ReceiveAsync()) is var frame ? frame.Kind : 0, frame.Call));
    }

    [Fact]
    public async Task A_stream_beyond_its_window_closes_the_connection()
    {
        await using var bed = await TcpBed.OpenAsync(limits: new ServerLimits { StreamWindowBytes = 1_000 });
        var release = new TaskCompletionSource();
        bed.Service.Before = (line, _) => line.Text.Length == 0 ? release.Task : Task.CompletedTask;
        using var peer = bed.Dial();
        await peer.GreetAsync();
        await peer.SendAsync(RawPeer.Method("Count"), RawPeer.Frame(3, 0, 1, "0001 FFFFFFFF 0000"), string.Concat(Enumerable.Repeat(RawPeer.Frame(4, 0, 1, Hi), 100)));
        Assert.Equal(12, (await peer.ReceiveAsync()).Kind);
        await peer.AssertClosedAsync();
        await bed.AssertServesAsync();
        release.SetResult();
    }

    [Fact]
    public async Task More_calls_than_a_connection_takes_are_refused_and_the_others_go_on()
    {
        await using var bed = await TcpBed.OpenAsync(options: new TcpOptions { MaxCallsPerConnection = 3 });
        var release = new TaskCompletionSource();
        bed.Service.Before = (line, _) => line.Text == "hi" ? release.Task : Task.CompletedTask;
        using var peer = bed.Dial();
        await peer.GreetAsync();
        await peer.SendAsync(RawPeer.Method("Say") + string.Concat(Enumerable.Range(1, 4).Select(i => RawPeer.Call((uint)i, Hi))));
        var (kind, _, call, payload) = await peer.ReceiveAsync();
        Assert.Equal((6, 4u, 8), (kind, call, payload[0]));
        release.SetResult();
        Assert.Equal(new[] { 1u, 2u, 3u }, new[] { (await peer.ReceiveAsync()).Call, (await peer.ReceiveAsync()).Call, (await peer.ReceiveAsync()).Call }.Order());
    }

    [Fact]
    public async Task A_message_of_141_characters_of_four_bytes_each_arrives_whole()
    {
        await using var bed = await TcpBed.OpenAsync();
        var text = string.Concat(Enumerable.Repeat("🐦", 141));
        Assert.Equal(text, (await bed.Client.SayAsync(new Line { Text = text }).ResponseAsync.Soon()).Text);
    }

    [Theory]
    [InlineData("06 000005 %ID C8 0000 0000", "status 200")]
    [InlineData("06 000001 %ID 00", "in the middle")]
    [InlineData("03 000008 %ID 0001 FFFFFFFF 0000", "only a caller may")]
    [InlineData("04 FFFFFF %ID", "16,777,215 bytes")]
    public async Task A_server_that_breaks_the_rules_fails_its_calls_as_unavailable(string bytes, string reason)
    {
        await using var server = new RawServer();
        await using var bed = await TcpBed.OpenAsync();
        var call = bed.Connect([server.Endpoint]).SayAsync(new Line());
        using var peer = await server.GreetAsync();
        await peer.ReceiveAsync();
        var id = (await peer.ReceiveAsync()).Call;
        await peer.SendAsync(bytes.Replace("%ID", $"{id:X8}", StringComparison.Ordinal));
        var error = await Wait.FailsAsync(Grpc.Core.StatusCode.Unavailable, () => call.ResponseAsync);
        Assert.Contains(reason, error.Status.Detail, StringComparison.Ordinal);
    }
}
