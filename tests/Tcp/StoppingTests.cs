using Anywire.Tcp.Tests.Bed;
using Google.Protobuf;

namespace Anywire.Tcp.Tests;

/// <summary>A server that stops while a reply that its handler has given still waits to be sent.</summary>
public sealed class StoppingTests
{
    private const int Size = 4_000_000;

    // More than the system takes for somebody who does not read, so that whoever has read as much has had more sent.
    private const int Some = 600_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly WatchedTime _time = new();

    [Fact]
    public async Task Who_reads_slowly_gets_all_of_it()
    {
        await using var bed = await TcpBed.OpenAsync(time: _time);
        using var peer = await AskAsync(bed);
        var stopping = bed.Server.StopAsync(CancellationToken.None);
        var (bytes, isLast) = (0, false);
        for (var waits = 1; !isLast; waits++)
        {
            (bytes, isLast) = await ReadAsync(peer, bytes, bytes + (2 * Some));
            if (waits <= 3)
            {
                await Wait.UntilAsync(() => _time.Timers >= waits, "the server waits for the end of the connection");
                _time.Advance(Patience);
            }
        }
        Assert.InRange(bytes, Size, Size + 16);
        Assert.False(stopping.IsCompleted);
        peer.Dispose();
        await stopping.Soon();
        Assert.DoesNotContain("had not closed in time", bed.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_reads_too_slowly_gets_no_more_time_than_calls_do()
    {
        await using var bed = await TcpBed.OpenAsync(time: _time);
        using var peer = await AskAsync(bed);
        var stopping = bed.Server.StopAsync(CancellationToken.None);
        var (bytes, isLast, waits) = (0, false, 0);
        for (var passed = TimeSpan.Zero; passed < new ServerLimits().DrainTimeout; passed += Patience)
        {
            waits++;
            await Wait.UntilAsync(() => _time.Timers >= waits, "the server waits for the end of the connection");
            Assert.False(stopping.IsCompleted);
            (bytes, isLast) = await ReadAsync(peer, bytes, bytes + Some);
            _time.Advance(Patience);
        }
        await stopping.Soon();
        (bytes, isLast) = await ReadAsync(peer, bytes, int.MaxValue);
        Assert.False(isLast);
    }

    [Fact]
    public async Task Who_reads_nothing_is_not_waited_for_any_longer()
    {
        await using var bed = await TcpBed.OpenAsync(time: _time);
        using var peer = await AskAsync(bed);
        var stopping = bed.Server.StopAsync(CancellationToken.None);
        // The system may take its share of the reply only now: that is worth one more wait.
        for (var waits = 0; waits < 2; waits++)
        {
            await Wait.UntilAsync(() => stopping.IsCompleted || _time.Timers > waits, "the server waits for the end of the connection");
            _time.Advance(Patience);
        }
        await stopping.Soon();
    }

    /// <summary>A peer whose call has been answered, and that has read nothing of the answer.</summary>
    private static async Task<RawPeer> AskAsync(TcpBed bed)
    {
        bed.Service.Before = static (line, _) =>
        {
            line.Body = ByteString.CopyFrom(new byte[Size]);
            return Task.CompletedTask;
        };
        var peer = bed.Dial();
        peer.Socket.ReceiveBufferSize = 16 * 1024;
        await peer.GreetAsync();
        await peer.SendAsync(RawPeer.Method("Say"), RawPeer.Call(1, "0A 02 68 69"));
        await Wait.UntilAsync(() => bed.Service.Said == 1 && bed.Server.CallsInFlight == 0, "its handler has ended");
        return peer;
    }

    /// <summary>Reads until it has so many bytes of the reply, or its end, or that of the connection.</summary>
    private static async Task<(int Bytes, bool IsLast)> ReadAsync(RawPeer peer, int bytes, int until)
    {
        while (bytes < until)
        {
            var (kind, flags, _, payload) = await peer.ReceiveAsync();
            if (kind == 0)
            {
                return (bytes, false);
            }
            bytes += kind == 4 ? payload.Length : 0;
            if (kind == 4 && flags == 0x20)
            {
                return (bytes, true);
            }
        }
        return (bytes, false);
    }
}
