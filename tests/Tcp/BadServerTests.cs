using System.Diagnostics.Metrics;
using Anywire.Tcp.Tests.Bed;
using Grpc.Core;

namespace Anywire.Tcp.Tests;

/// <summary>A server that is none of ours, and what its caller bears.</summary>
[Collection(nameof(Alone))]
public sealed class BadServerTests
{
    [Fact]
    public async Task One_that_asks_for_life_signs_and_reads_none_costs_its_caller_no_memory()
    {
        await using var server = new RawServer();
        await using var bed = await TcpBed.OpenAsync(options: new TcpOptions { MaxWaitingBytes = 1024 * 1024 });
        var call = bed.Connect([server.Endpoint]).SayAsync(new Line());
        using var peer = await server.AcceptAsync();
        peer.Socket.ReceiveBufferSize = 4096;
        await peer.ReceiveAsync(22);
        await peer.SendAsync("01 00000E 00000000  41 4E 59 57 01 00  00100000  00000010");
        // The method's name, and the call: it is under way then.
        await peer.ReceiveAsync();
        await peer.ReceiveAsync();
        var pings = RawPeer.Bytes(string.Concat(Enumerable.Repeat("0A 000008 00000000 0000000000000000 ", 4_000)));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        // 64 MB of questions; the caller gives up answering, or the connection.
        await Record.ExceptionAsync(async () =>
        {
            for (var i = 0; i < 1_000; i++)
            {
                await peer.SendAsync(pings);
            }
        });
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 16 * 1024 * 1024);
        peer.Dispose();
        await Wait.FailsAsync(StatusCode.Unavailable, () => call.ResponseAsync);
    }

    [Theory, InlineData(5), InlineData(8)]
    public async Task What_only_a_caller_may_say_closes_the_connection_whatever_call_it_is_about(int kind)
    {
        await using var server = new RawServer();
        await using var bed = await TcpBed.OpenAsync();
        var call = bed.Connect([server.Endpoint]).SayAsync(new Line());
        using var peer = await server.GreetAsync();
        Assert.NotEqual(0u, await peer.NextCallAsync());
        await peer.SendAsync(RawPeer.Frame(kind, 0, 77, ""));
        Assert.Equal(12, (await peer.ReceiveAsync()).Kind);
        await peer.AssertClosedAsync();
        await Wait.FailsAsync(StatusCode.Unavailable, () => call.ResponseAsync);
    }

    [Fact]
    public async Task A_listener_to_metrics_that_fails_ends_no_call()
    {
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, l) =>
            {
                if (instrument.Name is "anywire.client.retries" or "anywire.server.request.size")
                {
                    l.EnableMeasurementEvents(instrument);
                }
            },
        };
        var failures = 0;
        listener.SetMeasurementEventCallback<long>((_, _, _, _) =>
        {
            Interlocked.Increment(ref failures);
            throw new InvalidOperationException("a listener that fails");
        });
        listener.Start();
        var server = new RawServer();
        await using var bed = await TcpBed.OpenAsync();
        var lost = bed.Connect([server.Endpoint], retry: new RetryOptions { MaxAttempts = 2 });
        var calls = new[] { lost.SayAsync(new Line()), lost.SayAsync(new Line()) };
        using (var peer = await server.GreetAsync())
        {
            Assert.NotEqual(0u, await peer.NextCallAsync());
            Assert.NotEqual(0u, await peer.NextCallAsync());
            await server.DisposeAsync();
        }
        foreach (var call in calls)
        {
            await Wait.FailsAsync(StatusCode.Unavailable, () => call.ResponseAsync);
        }
        // In one frame, and in several, which another thread puts together.
        await bed.Client.SayAsync(new Line { Text = "small" }).ResponseAsync.Soon();
        await bed.Client.SayAsync(new Line { Body = Google.Protobuf.ByteString.CopyFrom(new byte[100_000]) }).ResponseAsync.Soon();
        Assert.Equal(4, failures);
    }

    [Fact]
    public async Task A_question_longer_than_its_kind_allows_closes_the_connection()
    {
        await using var bed = await TcpBed.OpenAsync();
        using var peer = bed.Dial();
        await peer.GreetAsync();
        await peer.SendAsync("0A 000009 00000000 000000000000000000");
        Assert.Equal(12, (await peer.ReceiveAsync()).Kind);
        await peer.AssertClosedAsync();
        await bed.AssertServesAsync();
    }
}
