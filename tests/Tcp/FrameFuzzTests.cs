using System.Diagnostics;
using System.Net.Sockets;
using Anywire.Tcp.Tests.Bed;
using Twite.Faults;

namespace Anywire.Tcp.Tests;

/// <summary>Peers that speak the format and keep no rule of it, by the million frames: no crash, no hang, nothing kept.</summary>
public sealed class FrameFuzzTests(ITestOutputHelper output)
{
    private const int FramesToConnection = 200;
    private const int Strangers = 4;

    private static readonly int Frames = LongForm.IsRequested ? 10_000_000 : 200_000;

    private static readonly string Methods = string.Concat(
        new[] { "Say", "Little", "Lines", "Count" }.Select((name, i) => RawPeer.Frame(2, 0, 0, $"{i + 1:X4}" + Convert.ToHexString(System.Text.Encoding.ASCII.GetBytes($"/anywire.tcp.tests.Echo/{name}")))));

    [Fact]
    public async Task A_server_outlives_callers_that_keep_no_rule()
    {
        // Some handlers are done at once, some later, some never before they are told.
        await using var bed = await TcpBed.OpenAsync(options: new TcpOptions { MaxCallsPerConnection = 20, MaxUnfinishedBytes = 4_096 });
        bed.Service.Before = static async (line, context) =>
        {
            if (line.Text == "3")
            {
                await Task.Yield();
            }
            else if (line.Body.Length == 40)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken);
            }
        };
        await bed.AssertServesAsync();
        var begin = Stopwatch.GetTimestamp();
        var left = Frames / FramesToConnection;
        await Task.WhenAll(Enumerable.Range(0, Strangers).Select(seed => Task.Run(async () =>
        {
            var random = new Random(seed);
            while (Interlocked.Decrement(ref left) >= 0)
            {
                await MeetAsync(bed, random);
            }
        })));
        output.WriteLine($"{Frames:N0} frames, {Frames / Stopwatch.GetElapsedTime(begin).TotalSeconds:N0} a second");
        await bed.AssertServesAsync();
        await Wait.UntilAsync(() => bed.Server.CallsInFlight == 0, "nothing is left of any of them");
        Assert.DoesNotContain("Code that ran on a connection's reading thread failed", bed.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_calls_a_server_that_keeps_no_rule_is_told_something()
    {
        var random = new Random(141);
        var frames = new RandomFrames(random, RandomFrames.OfHandler);
        for (var i = LongForm.IsRequested ? 5_000 : 100; i > 0; i--)
        {
            await using var server = new RawServer();
            // Its client goes with it: it would connect again, to whoever has the port next.
            await using var bed = await TcpBed.OpenAsync();
            var client = bed.Connect([server.Endpoint]);
            using var stop = new CancellationTokenSource();
            var options = new Grpc.Core.CallOptions(cancellationToken: stop.Token);
            var count = client.Count(options);
            var calls = new List<Task> { client.SayAsync(new Line(), options).ResponseAsync, client.Lines(new Line { Text = "3" }, options).ResponseStream.ToListAsync(), count.ResponseAsync };
            using var peer = await server.GreetAsync();
            var ids = new List<uint>();
            while (ids.Count < calls.Count && await peer.ReceiveAsync() is { Kind: not 0 } frame)
            {
                if (frame.Kind == 3)
                {
                    ids.Add(frame.Call);
                }
            }
            var bytes = new List<byte>();
            for (var n = 0; n < 50; n++)
            {
                frames.Add(bytes, random.Next(20) == 0 ? (uint)random.Next() : ids[random.Next(ids.Count)]);
            }
            await SendAllAsync(peer, [.. bytes]);
            if (i % 2 == 0)
            {
                peer.Socket.Shutdown(SocketShutdown.Both);
            }
            else
            {
                await stop.CancelAsync();
            }
            foreach (var call in calls)
            {
                Assert.True(await Record.ExceptionAsync(() => call.Soon()) is null or Grpc.Core.RpcException);
            }
            Assert.DoesNotContain("Code that ran on a connection's reading thread failed", bed.Log.Text, StringComparison.Ordinal);
        }
    }

    private static async Task MeetAsync(TcpBed bed, Random random)
    {
        var frames = new RandomFrames(random, RandomFrames.OfCaller);
        var bytes = new List<byte>(RawPeer.Bytes(RawPeer.Hello + Methods));
        for (var n = 0; n < FramesToConnection; n++)
        {
            frames.Add(bytes, (uint)random.Next(1, 30));
        }
        using var peer = bed.Dial();
        var reading = peer.AssertClosedAsync();
        // In pieces, wherever they are cut.
        var all = bytes.ToArray();
        for (var at = 0; at < all.Length;)
        {
            var length = Math.Min(random.Next(1, 20_000), all.Length - at);
            if (!await SendAllAsync(peer, all[at..(at + length)]))
            {
                break;
            }
            at += length;
        }
        try
        {
            peer.Socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The server was quicker.
        }
        await reading;
    }

    private static async Task<bool> SendAllAsync(RawPeer peer, byte[] bytes)
    {
        try
        {
            await peer.SendAsync(bytes);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
