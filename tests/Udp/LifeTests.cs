using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Anywire.Diagnostics;
using Anywire.Udp.Format;
using Grpc.Core;

namespace Anywire.Udp.Tests;

/// <summary>What happens to sessions in a long life: new keys, a peer that falls silent, addresses that go and come, and losses that are told of.</summary>
public sealed class LifeTests
{
    [Fact]
    public async Task An_hour_later_datagrams_are_sealed_with_a_new_key_and_no_call_notices()
    {
        await using var bed = await EchoBed.StartAsync();
        var sent = new ConcurrentQueue<byte[]>();
        await using var relay = new DatagramRelay(bed.Endpoint.Port, sent.Enqueue);
        var time = new ShiftedTime();
        var echo = new Echo.EchoClient(bed.Connect(relay.Port, time: time).Invoker);
        for (byte key = 1; key <= 3; key++)
        {
            var calls = 0;
            await Wait.UntilAsync(
                async () =>
                {
                    await echo.SayAsync(new Word { Number = ++calls }, deadline: time.GetUtcNow().UtcDateTime.AddSeconds(20)).ResponseAsync.Soon();
                    return sent.Last()[1] == key;
                },
                $"datagrams are sealed with key {key}");
            time.Shift(TimeSpan.FromHours(1));
        }
    }

    [Fact]
    public async Task A_peer_that_falls_silent_is_found_within_ten_seconds()
    {
        await using var bed = await EchoBed.StartAsync();
        await using var relay = new DatagramRelay(bed.Endpoint.Port);
        var echo = bed.Call(relay.Port);
        await echo.SayAsync(new Word()).ResponseAsync.Soon();
        relay.IsSilent = true;
        var since = Stopwatch.GetTimestamp();
        var error = await Wait.FailsAsync(
            StatusCode.Unavailable, () => echo.SayAsync(new Word(), deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(30)).ResponseAsync);
        Assert.False(NotExecuted.IsMarked(error), "It may have been executed.");
        Assert.InRange(Stopwatch.GetElapsedTime(since), TimeSpan.Zero, TimeSpan.FromSeconds(12));
        relay.IsSilent = false;
        await Wait.UntilAsync(
            async () =>
            {
                try
                {
                    await echo.SayAsync(new Word()).ResponseAsync;
                    return true;
                }
                catch (RpcException)
                {
                    return false;
                }
            },
            "the peer is found again");
    }

    [Fact]
    public async Task One_of_another_cluster_gets_no_calls()
    {
        await using var bed = await EchoBed.StartAsync();
        await using var other = await EchoBed.StartAsync();
        var own = bed.Authority.For("tester");
        // We would talk to it.
        var both = own with { Authorities = [.. own.Authorities, .. other.Authority.For("tester").Authorities] };
        var echo = new Echo.EchoClient(bed.Connect(credentials: both, replica: other).Invoker);
        for (var i = 0; i < 100; i++)
        {
            await echo.SayAsync(new Word()).ResponseAsync.Soon();
        }
        Assert.Equal((100, 0), (bed.Echo.Calls, other.Echo.Calls));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Replicas_share_the_calls_and_one_that_goes_takes_none_with_it(bool isSealed)
    {
        await using var bed = await EchoBed.StartAsync(isSealed);
        // Their certificates are of one cluster.
        await using var other = await EchoBed.StartAsync(isSealed, authority: bed.Authority);
        var echo = new Echo.EchoClient(bed.Connect(replica: other).Invoker);
        await Wait.UntilAsync(
            async () =>
            {
                await echo.SayAsync(new Word()).ResponseAsync.Soon();
                return bed.Echo.Calls > 0 && other.Echo.Calls > 0;
            },
            "both have been called");
        var stopping = other.Server.StopAsync(CancellationToken.None);
        for (var i = 0; i < 500; i++)
        {
            await echo.SayAsync(new Word()).ResponseAsync.Soon();
        }
        await stopping.Soon();
        var before = bed.Echo.Calls;
        for (var i = 0; i < 100; i++)
        {
            await echo.SayAsync(new Word()).ResponseAsync.Soon();
        }
        Assert.Equal(before + 100, bed.Echo.Calls);
        await other.ListenAsync();
        var served = other.Echo.Calls;
        await Wait.UntilAsync(
            async () =>
            {
                await echo.SayAsync(new Word()).ResponseAsync.Soon();
                return other.Echo.Calls > served;
            },
            "the other is called again");
    }

    [Fact]
    public async Task A_server_that_leaves_begins_no_session_on_a_plain_wire()
    {
        await using var bed = await EchoBed.StartAsync(isSealed: false);
        using var caller = new UdpClient();
        caller.Connect(IPAddress.Loopback, bed.Endpoint.Port);
        await caller.SendAsync(PlainFormat.Hello(1));
        Assert.NotNull(PlainFormat.ReadWelcome((await caller.ReceiveAsync().Soon()).Buffer, 1));
        // As long as something may come again the server stays a little.
        await bed.Call().NoteAsync(new Word()).ResponseAsync.Soon();
        var stopping = bed.Server.StopAsync(CancellationToken.None);
        Assert.Equal((byte)DatagramKind.Plain, (await caller.ReceiveAsync().Soon()).Buffer[0]);
        await caller.SendAsync(PlainFormat.Hello(2));
        await stopping.Soon();
        while (caller.Available > 0)
        {
            Assert.Null(PlainFormat.ReadWelcome((await caller.ReceiveAsync().Soon()).Buffer, 2));
        }
    }

    [Theory]
    [InlineData("00", 4)]
    [InlineData("01", 5)]
    public async Task A_caller_that_leaves_a_plain_wire_is_served_until_it_has_gone(string hasGone, byte answer)
    {
        await using var bed = await EchoBed.StartAsync(isSealed: false);
        using var caller = new UdpClient();
        caller.Connect(IPAddress.Loopback, bed.Endpoint.Port);
        await caller.SendAsync(PlainFormat.Hello(1));
        var session = PlainFormat.ReadWelcome((await caller.ReceiveAsync().Soon()).Buffer, 1)!.Value.Session;
        var request = $"02 001A 0000000000000001 FFFFFFFF {MethodId.Of("/anywire.udp.tests.Echo/Note"):X8} 01 84 0006 746573746572";
        async Task SayAsync(int counter, string message) =>
            await caller.SendAsync(Convert.FromHexString($"02 00 {session:X8} {counter:X16} {message}".Replace(" ", "", StringComparison.Ordinal)));
        await SayAsync(0, "0A 0001" + hasGone);
        await SayAsync(1, request);
        var datagram = (await caller.ReceiveAsync().Soon()).Buffer;
        Assert.Equal(answer, answer == 5 ? datagram[0] : datagram[14]);
    }

    [Fact]
    public async Task What_the_network_lost_is_told_apart_from_what_the_kernel_dropped()
    {
        const int Count = 60_000;
        await using var bed = await EchoBed.StartAsync();
        await using var relay = new DatagramRelay(bed.Endpoint.Port) { Percent = 20 };
        var lost = new ConcurrentDictionary<string, long>(StringComparer.Ordinal);
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, l) =>
            {
                if (instrument.Meter.Name == AnywireDiagnostics.Name && instrument.Name == "anywire.datagrams.lost")
                {
                    l.EnableMeasurementEvents(instrument);
                }
            },
        };
        var socket = bed.Endpoint.ToString();
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            var named = tags.ToArray().ToDictionary(t => t.Key, t => (string)t.Value!, StringComparer.Ordinal);
            if (named["anywire.socket"] == socket)
            {
                lost[named["where"]] = value;
            }
        });
        listener.Start();
        var echo = new Echo.EchoClient(bed.Connect(relay.Port, queue: Count).Invoker);
        for (var i = 0; i < Count; i++)
        {
            await echo.ShoutAsync(new Word { Number = i, Text = new string('t', 141) });
        }
        await Wait.UntilAsync(
            () =>
            {
                listener.RecordObservableInstruments();
                return lost.GetValueOrDefault("network") > 0;
            },
            "what was lost on the way is counted");
        Assert.Equal(0, lost["kernel"]);
        Assert.InRange(lost["network"], 1, relay.Lost);
    }

    /// <summary>The system's clock, some hours later.</summary>
    private sealed class ShiftedTime : TimeProvider
    {
        private long _shift;

        public override long GetTimestamp() => System.GetTimestamp() + (long)(Volatile.Read(ref _shift) / (double)TimeSpan.TicksPerSecond * TimestampFrequency);

        public void Shift(TimeSpan by) => Interlocked.Add(ref _shift, by.Ticks);
    }
}
