using System.Net.Sockets;
using Anywire.Tcp.Tests.Bed;

namespace Anywire.Tcp.Tests;

/// <summary>A caller that asks for much and reads nothing of it.</summary>
[Collection(nameof(Alone))]
public sealed class DeafTests
{
    private const int MaxWaiting = 256 * 1024;

    private static readonly TcpOptions Options = new() { MaxWaitingBytes = MaxWaiting };

    [Fact]
    public async Task Replies_of_calls_that_were_under_way_are_kept_up_to_a_bound()
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
        using var deaf = bed.Dial();
        await deaf.GreetAsync();
        await deaf.SendAsync(RawPeer.Method("Say") + string.Concat(Enumerable.Range(1, 150).Select(i => RawPeer.Call((uint)i, "0A 02 68 69"))));
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
            if (kind == 6)
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
