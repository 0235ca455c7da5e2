using System.Buffers.Binary;
using Anywire.Tcp.Tests.Bed;
using Grpc.Core;

namespace Anywire.Tcp.Tests;

/// <summary>Somebody sets the clock while calls are under way: they have as much time as they had.</summary>
public sealed class ClockTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly JumpingTime _time = new();

    [Fact]
    public async Task A_clock_that_is_set_forward_ends_no_call()
    {
        await using var server = new RawServer();
        await using var bed = await TcpBed.OpenAsync();
        var call = bed.Connect([server.Endpoint], time: _time).SayAsync(new Line(), deadline: InSeconds(60));
        using var peer = await server.GreetAsync();
        var id = await peer.NextCallAsync();
        _time.Jump(Hour);
        var looks = _time.Looks;
        await Wait.UntilAsync(() => _time.Looks > looks + 20, "the watchdog has looked after the call");
        await peer.SendAsync(RawPeer.Frame(4, 0x20, id, "0A 02 68 69"));
        Assert.Equal("hi", (await call.ResponseAsync.Soon()).Text);
    }

    [Fact]
    public async Task A_clock_that_is_set_back_keeps_no_call()
    {
        await using var server = new RawServer();
        await using var bed = await TcpBed.OpenAsync();
        var call = bed.Connect([server.Endpoint], time: _time).SayAsync(new Line(), deadline: InSeconds(2));
        using var peer = await server.GreetAsync();
        Assert.NotEqual(0u, await peer.NextCallAsync());
        _time.Jump(-Hour);
        await Wait.FailsAsync(StatusCode.DeadlineExceeded, () => call.ResponseAsync);
    }

    [Theory, InlineData(1), InlineData(-1)]
    public async Task A_call_that_waits_for_its_connection_has_the_time_left_that_it_had(int hours)
    {
        await using var server = new RawServer();
        await using var bed = await TcpBed.OpenAsync();
        var call = bed.Connect([server.Endpoint], time: _time).SayAsync(new Line(), deadline: InSeconds(60));
        using var peer = await server.AcceptAsync();
        await peer.ReceiveAsync(22);
        _time.Jump(hours * Hour);
        await peer.SendAsync("01 00000E 00000000  41 4E 59 57 01 00  00100000  00000010");
        // The method's name comes first.
        Assert.Equal(2, (await peer.ReceiveAsync()).Kind);
        var (kind, _, _, payload) = await peer.ReceiveAsync();
        Assert.Equal(3, kind);
        Assert.InRange(BinaryPrimitives.ReadUInt32BigEndian(payload.AsSpan(2)), 1u, 60_000u);
        Assert.False(call.ResponseAsync.IsCompleted);
    }

    [Fact]
    public async Task A_call_that_is_made_by_a_continuation_has_its_time_too()
    {
        await using var server = new RawServer();
        await using var bed = await TcpBed.OpenAsync();
        var client = bed.Connect([server.Endpoint], time: _time);
        var first = client.SayAsync(new Line(), deadline: InSeconds(60)).ResponseAsync;
        // On the thread that reads, which has looked at the clock for all that came together.
        var second = first.ContinueWith(
            _ => client.SayAsync(new Line(), deadline: InSeconds(2)).ResponseAsync, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        using var peer = await server.GreetAsync();
        await peer.SendAsync(RawPeer.Frame(4, 0x20, await peer.NextCallAsync(), "0A 02 68 69"));
        Assert.NotEqual(0u, await peer.NextCallAsync());
        _time.Jump(-Hour);
        await Wait.FailsAsync(StatusCode.DeadlineExceeded, async () => await await second);
    }

    private DateTime InSeconds(int seconds) => _time.GetUtcNow().UtcDateTime.AddSeconds(seconds);
}
