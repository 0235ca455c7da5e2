using System.Text;
using Anywire.Tcp.Connections;
using Anywire.Tcp.Tests.Bed;

namespace Anywire.Tcp.Tests;

/// <summary>What one peer can make the other hold, and what the format forbids.</summary>
public sealed class BoundTests
{
    private const string Hi = "0A 02 68 69";

    [Fact]
    public void A_thousand_messages_that_have_only_begun_take_what_has_come_of_them()
    {
        var budget = new PartsBudget(64 * 1024 * 1024);
        var parts = Enumerable.Range(0, 1_000).Select(_ => new MessageParts(budget)).ToList();
        var first = new byte[1];
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var one in parts)
        {
            Assert.Null(one.Add(first, isLast: false, 4 * 1024 * 1024, out _));
        }
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000 * 512);
        parts.ForEach(static p => p.Close());
    }

    [Theory, InlineData("Say"), InlineData("Lines")]
    public async Task A_method_with_one_request_that_is_called_as_a_stream_fails_alone(string name)
    {
        await using var bed = await TcpBed.OpenAsync();
        using var peer = bed.Dial();
        await peer.GreetAsync();
        // A call without a message, the message, the end: as a stream of requests comes.
        await peer.SendAsync(RawPeer.Method(name), RawPeer.Frame(3, 0, 1, "0001 FFFFFFFF 0000"), RawPeer.Frame(4, 0, 1, Hi), RawPeer.Frame(5, 0, 1, ""));
        var (kind, _, call, payload) = await peer.ReceiveAsync();
        Assert.Equal((6, 1u, (byte)Grpc.Core.StatusCode.Unimplemented), (kind, call, payload[0]));
        await peer.SendAsync(RawPeer.Method("Say"), RawPeer.Call(2, Hi));
        Assert.Equal((4, 2u), await peer.ReceiveAsync() is var reply ? (reply.Kind, reply.Call) : default);
    }

    [Fact]
    public async Task A_call_that_has_no_time_left_is_not_executed()
    {
        await using var bed = await TcpBed.OpenAsync();
        var begun = 0;
        bed.Service.Before = (_, _) =>
        {
            Interlocked.Increment(ref begun);
            return Task.CompletedTask;
        };
        using var peer = bed.Dial();
        await peer.GreetAsync();
        await peer.SendAsync(RawPeer.Method("Say"), RawPeer.Frame(3, 0x20, 1, "0001 00000000 0000" + Hi));
        var (kind, _, _, payload) = await peer.ReceiveAsync();
        Assert.Equal((6, (byte)Grpc.Core.StatusCode.DeadlineExceeded), (kind, payload[0]));
        Assert.Equal(0, begun);
    }

    [Theory]
    [InlineData("34 000004 00000001" + Hi, "both the last and not")]
    [InlineData("0A 000009 00000000 00 00 00 00 00 00 00 00 00", "a ping of 9 bytes")]
    [InlineData("23 00000C 00000000 0001 FFFFFFFF 0000" + Hi, "under the number 0")]
    public async Task What_the_format_forbids_closes_the_connection(string bytes, string reason)
    {
        await using var bed = await TcpBed.OpenAsync();
        using var peer = bed.Dial();
        await peer.GreetAsync();
        await peer.SendAsync(RawPeer.Method("Say"), bytes);
        var (kind, _, _, payload) = await peer.ReceiveAsync();
        Assert.Equal(12, kind);
        Assert.Contains(reason, Encoding.UTF8.GetString(payload), StringComparison.Ordinal);
        await peer.AssertClosedAsync();
        await bed.AssertServesAsync();
    }

    [Fact]
    public async Task More_metadata_than_a_frame_may_have_closes_the_connection()
    {
        await using var bed = await TcpBed.OpenAsync();
        using var peer = bed.Dial();
        await peer.GreetAsync();
        // Two values of 8,192 bytes, and their keys.
        var value = "01 61 2000" + string.Concat(Enumerable.Repeat("62", 8_192));
        await peer.SendAsync(RawPeer.Method("Say"), RawPeer.Frame(3, 0x20, 1, "0001 FFFFFFFF 0002" + value + value + Hi));
        Assert.Equal(12, (await peer.ReceiveAsync()).Kind);
        await peer.AssertClosedAsync();
        Assert.Contains("more than 16,384 bytes of metadata", bed.Log.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2u, 6)]
    [InlineData(1u, 12)]
    public async Task What_is_refused_was_not_begun(uint second, int answer)
    {
        await using var bed = await TcpBed.OpenAsync(options: new TcpOptions { MaxCallsPerConnection = 1 });
        var begun = 0;
        bed.Service.Before = (line, context) =>
        {
            if (line.Text != "hi")
            {
                return Task.CompletedTask;
            }
            Interlocked.Increment(ref begun);
            return Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken);
        };
        using (var peer = bed.Dial())
        {
            await peer.GreetAsync();
            await peer.SendAsync(RawPeer.Method("Say"), RawPeer.Call(1, Hi), RawPeer.Call(second, Hi));
            Assert.Equal(answer, (await peer.ReceiveAsync()).Kind);
            // Its handler may be held up before it counts, and another thread reads on.
            await Wait.UntilAsync(() => Volatile.Read(ref begun) > 0, "the first has begun");
        }
        await Wait.UntilAsync(() => bed.Server.CallsInFlight == 0, "nothing is left of either");
        Assert.Equal(1, begun);
    }

    [Fact]
    public async Task A_handler_that_fails_when_it_is_told_to_stop_fails_alone()
    {
        await using var bed = await TcpBed.OpenAsync();
        bed.Service.Before = (line, context) =>
        {
            if (line.Text != "hi")
            {
                return Task.CompletedTask;
            }
            context.CancellationToken.Register(static () => throw new InvalidOperationException("not again"));
            return Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken);
        };
        using var peer = bed.Dial();
        await peer.GreetAsync();
        await peer.SendAsync(RawPeer.Method("Say"), RawPeer.Call(1, Hi));
        await Wait.UntilAsync(() => bed.Server.CallsInFlight == 1, "it is at work");
        await peer.SendAsync("08 000000 00000001");
        await Wait.UntilAsync(() => bed.Log.Text.Contains("not again", StringComparison.Ordinal), "the log says so");
        await bed.AssertServesAsync();
    }

    [Fact]
    public async Task A_deadline_of_49_days_is_one()
    {
        await using var bed = await TcpBed.OpenAsync();
        var isOwn = false;
        bed.Service.Before = (_, context) =>
        {
            isOwn = context.CancellationToken.CanBeCanceled && context.Deadline < DateTime.MaxValue;
            return Task.CompletedTask;
        };
        using var peer = bed.Dial();
        await peer.GreetAsync();
        await peer.SendAsync(RawPeer.Method("Say"), RawPeer.Frame(3, 0x20, 1, "0001 FFFFFFFE 0000" + Hi));
        Assert.Equal((4, 1u), ((await peer.ReceiveAsync()) is var frame ? frame.Kind : 0, frame.Call));
        Assert.True(isOwn);
    }
}
