using System.Diagnostics;
using Anywire.Tcp.Tests.Bed;

namespace Anywire.Tcp.Tests;

/// <summary>A caller that reads its replies slowly, but reads them.</summary>
[Collection(nameof(Alone))]
public sealed class SlowReaderTests
{
    private const int Calls = 8;
    private const int Size = 4_000_000;

    [Fact]
    public async Task One_that_always_takes_something_is_not_given_up_while_its_server_has_no_room_to_read_on()
    {
        var options = new TcpOptions { HeartbeatDelay = TimeSpan.FromMilliseconds(100), HeartbeatTimeout = TimeSpan.FromMilliseconds(1_500), MaxWaitingBytes = 64 * 1024 };
        await using var bed = await TcpBed.OpenAsync(options: options);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        bed.Service.Before = (line, _) => line.Body.Length == Size ? release.Task : Task.CompletedTask;
        using var slow = bed.Dial();
        slow.Socket.ReceiveBufferSize = 16 * 1024;
        await slow.GreetAsync();
        await slow.SendAsync(RawPeer.Method("Say"));
        for (var call = 1u; call <= Calls; call++)
        {
            await AskAsync(slow, call);
        }
        await Wait.UntilAsync(() => bed.Server.CallsInFlight == Calls, "all have arrived");
        release.SetResult();
        // A frame at a time, for twice the timeout. The server hears nothing meanwhile: it does not read. Then all that is left at once: of what the
        // system has taken already nobody can tell how fast it goes.
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(4));
        var begin = Stopwatch.GetTimestamp();
        for (var ended = 0; ended < Calls;)
        {
            if (Stopwatch.GetElapsedTime(begin) < 2 * options.HeartbeatTimeout)
            {
                await pace.WaitForNextTickAsync();
            }
            var (kind, flags, _, payload) = await slow.ReceiveAsync();
            Assert.True(kind is 4 or 10, $"{kind} came instead of a message or a ping. {bed.Log.Text}");
            ended += flags == 0x20 ? 1 : 0;
            if (kind == 10)
            {
                await slow.SendAsync(RawPeer.Frame(11, 0, 0, Convert.ToHexString(payload)));
            }
        }
    }

    [Fact]
    public async Task One_that_reads_slowly_but_reads_is_not_taken_for_dead()
    {
        await using var bed = await TcpBed.OpenAsync(options: new TcpOptions
        {
            HeartbeatDelay = TimeSpan.FromMilliseconds(200), HeartbeatTimeout = TimeSpan.FromMilliseconds(1_500),
        });
        using var slow = bed.Dial();
        slow.Socket.ReceiveBufferSize = 16 * 1024;
        // A window of 1 GiB: all replies may wait for it.
        await slow.SendAsync("01 00000E 00000000  41 4E 59 57 01 00  40000000  00000000");
        Assert.Equal(1, (await slow.ReceiveAsync()).Kind);
        // 1,000 lines of 30,000 bytes: they take two seconds at least, and not a byte goes the other way meanwhile.
        await slow.SendAsync(RawPeer.Method("Lines"), RawPeer.Call(1, "0A 04 31 30 30 30 12 B0EA01" + string.Concat(Enumerable.Repeat("00", 30_000))));
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        var (lines, kind) = (0, 4);
        while (kind is 4 or 10)
        {
            if (lines % 5 == 0)
            {
                await pace.WaitForNextTickAsync(CancellationToken.None);
            }
            kind = (await slow.ReceiveAsync()).Kind;
            lines += kind == 4 ? 1 : 0;
        }
        Assert.Equal((1_000, 6), (lines, kind));
        await bed.AssertServesAsync();
    }

    /// <summary>Sends a request of <see cref="Size"/> bytes, in parts.</summary>
    private static async Task AskAsync(RawPeer peer, uint call)
    {
        var part = string.Concat(Enumerable.Repeat("00", 32_000));
        // Field 2 of so many bytes.
        await peer.SendAsync(RawPeer.Frame(3, 0x10, call, "0001 FFFFFFFF 0000 12 8092F401"));
        for (var i = 1; i <= Size / 32_000; i++)
        {
            await peer.SendAsync(RawPeer.Bytes(RawPeer.Frame(4, i == Size / 32_000 ? 0x20 : 0x10, call, part)));
        }
    }
}
