using Anywire.Tcp.Tests.Bed;
using Google.Protobuf;

namespace Anywire.Tcp.Tests;

/// <summary>Handlers that have seconds of work before them: what is short, and what has nobody any more, does not wait in the row.</summary>
[Collection(nameof(Alone))]
public sealed class BacklogTests : IAsyncDisposable
{
    // More than the pool gets done in a second, however many threads the tests before have left it.
    private const int Slow = 2_000;

    private readonly ManualResetEventSlim _never = new();
    private int _ended;

    [Fact]
    public async Task A_call_over_a_connection_that_was_silent_passes_what_waits()
    {
        await using var bed = await TcpBed.OpenAsync();
        var (other, quiet) = bed.ConnectApart([bed.Endpoint]);
        await quiet.LittleAsync(new Line());
        // Long enough to wait without a thread from the next call on.
        Assert.False(_never.Wait(TimeSpan.FromSeconds(1.2)));
        await quiet.LittleAsync(new Line());
        using var givenUp = new CancellationTokenSource();
        var waiting = await PileUpAsync(bed, givenUp.Token);
        Assert.Equal("through", (await quiet.LittleAsync(new Line { Text = "through" }).ResponseAsync.Soon()).Text);
        Assert.InRange(Volatile.Read(ref _ended), 0, Slow / 2);
        await other.DisposeAsync();
        await givenUp.CancelAsync();
        await Task.WhenAll(waiting.Select(w => w.ContinueWith(static _ => { }, TaskScheduler.Default))).Soon();
    }

    [Fact]
    public async Task Calls_of_a_connection_that_is_gone_are_not_handled_any_more()
    {
        await using var bed = await TcpBed.OpenAsync();
        bed.Service.Before = Work;
        // Known to take long from here on.
        await bed.Client.SayAsync(new Line { Text = "slow" });
        await bed.Client.SayAsync(new Line { Text = "slow" });
        using (var peer = bed.Dial())
        {
            await peer.GreetAsync();
            // Field 1: slow.
            await peer.SendAsync([RawPeer.Method("Say"), .. Enumerable.Range(1, Slow).Select(i => RawPeer.Call((uint)i, "0A 04 73 6C 6F 77"))]);
            await Wait.UntilAsync(() => Volatile.Read(ref _ended) > 4, "some have been handled");
        }
        // In the row behind them.
        await bed.Client.SayAsync(new Line { Text = "last" }).ResponseAsync.Soon();
        Assert.InRange(Volatile.Read(ref _ended), 5, Slow / 2);
    }

    [Fact]
    public async Task A_large_reply_is_given_up_with_its_call_though_its_handler_has_ended()
    {
        const int Size = 4_000_000;
        await using var bed = await TcpBed.OpenAsync();
        bed.Service.Before = static (line, _) =>
        {
            line.Body = line.Text == "large" ? ByteString.CopyFrom(new byte[Size]) : ByteString.Empty;
            return Task.CompletedTask;
        };
        using var peer = bed.Dial();
        peer.Socket.ReceiveBufferSize = 16 * 1024;
        await peer.GreetAsync();
        // Field 1: large.
        await peer.SendAsync(RawPeer.Method("Say"), RawPeer.Call(1, "0A 05 6C 61 72 67 65"));
        await Wait.UntilAsync(() => bed.Service.Said == 1 && bed.Server.CallsInFlight == 0, "its handler has ended");
        // As large, so that both would be sent in turns.
        await peer.SendAsync(RawPeer.Frame(8, 0, 1, ""), RawPeer.Call(2, "0A 05 6C 61 72 67 65"));
        var (bytes, isOver) = (0, false);
        while (!isOver)
        {
            var (kind, flags, call, payload) = await peer.ReceiveAsync();
            Assert.Equal(4, kind);
            bytes += call == 1 ? payload.Length : 0;
            isOver = call == 2 && (flags & 0x20) != 0;
        }
        Assert.InRange(bytes, 0, Size / 2);
    }

    public ValueTask DisposeAsync()
    {
        _never.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Has many slow calls wait for a thread.</summary>
    private async Task<IReadOnlyList<Task>> PileUpAsync(TcpBed bed, CancellationToken cancellationToken)
    {
        bed.Service.Before = Work;
        await bed.Client.SayAsync(new Line { Text = "slow" }, cancellationToken: cancellationToken);
        await bed.Client.SayAsync(new Line { Text = "slow" }, cancellationToken: cancellationToken);
        Interlocked.Exchange(ref _ended, 0);
        var waiting = Enumerable.Range(0, Slow).Select(_ => (Task)bed.Client.SayAsync(new Line { Text = "slow" }, cancellationToken: cancellationToken).ResponseAsync).ToList();
        await Wait.UntilAsync(() => Volatile.Read(ref _ended) > 0, "they are being handled");
        return waiting;
    }

    private Task Work(Line line, Grpc.Core.ServerCallContext context)
    {
        if (line.Text == "slow")
        {
            // As long as a log-in computes.
            _never.Wait(TimeSpan.FromMilliseconds(50));
            Interlocked.Increment(ref _ended);
        }
        return Task.CompletedTask;
    }
}
