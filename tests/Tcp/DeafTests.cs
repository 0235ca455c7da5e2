using System.Net.Sockets;
using Anywire.Tcp.Tests.Bed;

namespace Anywire.Tcp.Tests;

/// <summary>A caller that asks for much and reads nothing of it.</summary>
[Collection(nameof(Alone))]
public sealed class DeafTests
{
    private const int MaxWaiting = 256 * 1024;

    private static readonly TcpOptions Options = new() { MaxWaitingBytes = MaxWaiting };

    [Theory, InlineData("Say"), InlineData("Count")]
    public async Task Replies_of_calls_that_were_under_way_are_kept_up_to_a_bound(string method)
    {
        await using var bed = await TcpBed.OpenAsync(options: Options);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var big = Google.Protobuf.ByteString.CopyFrom(new byte[1_000_000]);
        bed.Service.Before = async (line, _) =>
        {
            if (line.Text == "hi")
            {
                await release.Task;
                line.Body = big;
            }
        };
        bed.Service.Read = async (_, _) =>
        {
            await release.Task;
            return new Line { Body = big };
        };
        using var deaf = bed.Dial();
        await deaf.GreetAsync();
        await deaf.SendAsync(RawPeer.Method(method) + string.Concat(Enumerable.Range(1, 150).Select(i => RawPeer.Call((uint)i, "0A 02 68 69"))));
        await Wait.UntilAsync(() => bed.Server.CallsInFlight == 150, "all have come");
        release.SetResult();
        await Wait.UntilAsync(() => bed.Server.CallsInFlight == 0, "all are answered");
        await bed.AssertServesAsync();
        // Now it reads: what the system had taken, what was kept, and of the others that they were given up.
        var (replies, givenUp) = (0L, 0);
        while (replies < 150 * 1_000_000L && givenUp + (replies / 1_000_000) < 150)
        {
            var (kind, _, _, payload) = await deaf.ReceiveAsync();
            Assert.True(kind is 4 or 6 or 10, $"{kind}");
            replies += kind == 4 ? payload.Length : 0;
            // The reply of a stream of requests has its end in a frame of its own.
            if (kind == 6 && payload[0] != 0)
            {
                Assert.Equal(14, payload[0]);
                givenUp++;
            }
        }
        Assert.InRange(givenUp, 40, 150);
        await bed.AssertServesAsync();
    }

    [Fact]
    public async Task A_stream_is_written_no_further_whatever_window_was_announced()
    {
        await using var bed = await TcpBed.OpenAsync(options: Options);
        using var deaf = bed.Dial();
        deaf.Socket.ReceiveBufferSize = 16 * 1024;
        await deaf.SendAsync("01 00000E 00000000  41 4E 59 57 01 00  7FFFFFFF  00000000");
        Assert.Equal(1, (await deaf.ReceiveAsync()).Kind);
        // 100,000 lines of 30,000 bytes: 3 GB.
        await deaf.SendAsync(RawPeer.Method("Lines"), RawPeer.Call(1, "0A 06 313030303030 12 B0EA01" + string.Concat(Enumerable.Repeat("00", 30_000))));
        var bytes = GC.GetTotalAllocatedBytes();
        await Wait.UntilStillAsync(() => bed.Service.LinesWritten);
        Assert.InRange(bed.Service.LinesWritten, 1, 1_000);
        Assert.True(GC.GetTotalAllocatedBytes() - bytes < 500_000_000);
        await bed.AssertServesAsync();
        // It reads after all, and the stream goes on.
        var written = bed.Service.LinesWritten;
        for (var i = 0; i < 300; i++)
        {
            await deaf.ReceiveAsync();
        }
        await Wait.UntilAsync(() => bed.Service.LinesWritten > written, "more is written");
        deaf.Dispose();
        await Wait.UntilAsync(() => bed.Server.CallsInFlight == 0, "its handler has ended");
    }

    [Fact]
    public async Task A_write_that_was_given_up_before_it_was_sent_takes_nothing_from_the_window()
    {
        await using var bed = await TcpBed.OpenAsync(options: new TcpOptions { MaxWaitingBytes = 64 * 1024 });
        using var giveUp = new CancellationTokenSource();
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var waits = new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously);
        bed.Service.Before = (line, _) =>
        {
            line.Body = Google.Protobuf.ByteString.CopyFrom(new byte[1_000_000]);
            return Task.CompletedTask;
        };
        bed.Service.Write = async writer =>
        {
            await release.Task;
            var writing = writer.WriteAsync(new Line { Text = new string('x', 2_000) }, giveUp.Token);
            waits.SetResult(writing);
            try
            {
                await writing;
            }
            catch (OperationCanceledException)
            {
                await writer.WriteAsync(new Line { Text = "less" }, CancellationToken.None);
            }
        };
        using var deaf = bed.Dial();
        deaf.Socket.ReceiveBufferSize = 16 * 1024;
        // It has room for 1,000 bytes of a stream.
        await deaf.SendAsync("01 00000E 00000000  41 4E 59 57 01 00  000003E8  00000000");
        Assert.Equal(1, (await deaf.ReceiveAsync()).Kind);
        await deaf.SendAsync(RawPeer.Method("Lines"), RawPeer.Call(1, "0A 01 31"));
        await Wait.UntilAsync(() => bed.Server.CallsInFlight == 1, "the stream is under way");
        await deaf.SendAsync(RawPeer.Method("Say").Replace(" 0001", " 0002", StringComparison.Ordinal) + string.Concat(
            Enumerable.Range(2, 16).Select(i => RawPeer.Frame(3, 0x20, (uint)i, "0002 FFFFFFFF 0000 0A 02 68 69"))));
        await Wait.UntilAsync(() => bed.Service.Said == 16 && bed.Server.CallsInFlight == 1, "all are answered");
        release.SetResult();
        Assert.False((await waits.Task.Soon()).IsCompleted, "It was written though the replies fill the connection.");
        await giveUp.CancelAsync();
        while ((await deaf.ReceiveAsync()) is var frame && frame.Call != 1)
        {
            Assert.Equal(4, frame.Kind);
        }
    }

    [Fact]
    public async Task Who_is_given_up_is_told_at_once_and_nothing_is_kept_for_it()
    {
        await using var bed = await TcpBed.OpenAsync(options: new TcpOptions
        {
            MaxWaitingBytes = MaxWaiting, HeartbeatDelay = TimeSpan.FromMilliseconds(200), HeartbeatTimeout = TimeSpan.FromSeconds(1),
        });
        using var deaf = bed.Dial();
        deaf.Socket.ReceiveBufferSize = 16 * 1024;
        await deaf.SendAsync("01 00000E 00000000  41 4E 59 57 01 00  7FFFFFFF  00000000");
        await deaf.SendAsync(RawPeer.Method("Lines"), RawPeer.Call(1, "0A 06 313030303030 12 B0EA01" + string.Concat(Enumerable.Repeat("00", 30_000))));
        await Wait.UntilAsync(() => bed.Log.Text.Contains("nothing was heard", StringComparison.Ordinal), "it is given up");
        // What the system had taken for it would otherwise be offered to it for minutes, and the end after that.
        await Wait.UntilAsync(() => (int)deaf.Socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)! != 0, "it is told");
        await bed.AssertServesAsync();
    }
}
