using Anywire.Tcp.Tests.Bed;
using Google.Protobuf;
using Grpc.Core;

namespace Anywire.Tcp.Tests;

/// <summary>A write that was given up while its message was on the way in parts: what comes next must not become a part of it.</summary>
public sealed class CancelledWriteTests
{
    // More than the system takes when nobody reads at the other end.
    private const int Others = 4;

    private static readonly ByteString Large = ByteString.CopyFrom(new byte[4_000_000]);

    [Fact]
    public async Task A_callers_ends_the_call()
    {
        await using var server = new RawServer();
        await using var bed = await TcpBed.OpenAsync();
        var client = bed.Connect([server.Endpoint]);
        var others = Enumerable.Range(0, Others).Select(_ => client.SayAsync(new Line { Body = Large })).ToList();
        using var peer = await server.GreetAsync();
        using var call = client.Count();
        using var giveUp = new CancellationTokenSource();
        var writing = call.RequestStream.WriteAsync(new Line { Body = Large }, giveUp.Token);
        var id = await FirstPartAsync(peer, ofLength: 32_768, kind: 4, except: []);
        Assert.False(writing.IsCompleted);
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => writing.Soon());
        await Assert.ThrowsAsync<RpcException>(() => call.RequestStream.WriteAsync(new Line { Text = "hi" }, CancellationToken.None).Soon());
        await Wait.FailsAsync(StatusCode.Cancelled, () => call.ResponseAsync);
        Assert.Equal(8, await LastAsync(peer, id));
        Assert.Equal(Others, others.Count);
    }

    [Fact]
    public async Task A_handlers_ends_the_call()
    {
        await using var bed = await TcpBed.OpenAsync();
        using var giveUp = new CancellationTokenSource();
        bed.Service.Write = async writer =>
        {
            try
            {
                await writer.WriteAsync(new Line { Body = Large }, giveUp.Token);
            }
            catch (OperationCanceledException)
            {
                // It was too slow: something smaller instead.
                await writer.WriteAsync(new Line { Text = "hi" }, CancellationToken.None);
            }
        };
        using var peer = bed.Dial();
        peer.Socket.ReceiveBufferSize = 16 * 1024;
        await peer.GreetAsync();
        await peer.SendAsync(RawPeer.Method("Lines"), string.Concat(Enumerable.Range(1, Others).Select(static i => RawPeer.Call((uint)i, "0A 02 68 69"))));
        Assert.Equal(4, (await peer.ReceiveAsync()).Kind);
        await giveUp.CancelAsync();
        // Of each: parts, and then how it ended; nothing whole that begins in the middle of another.
        for (var ended = 0; ended < Others;)
        {
            var (kind, flags, _, payload) = await peer.ReceiveAsync();
            Assert.True((kind, flags) is (4, 0x10) or (6, 0), $"A frame of kind {kind} came with flags {flags:X2}.");
            ended += kind == 6 ? 1 : 0;
            Assert.True(kind == 4 || payload[0] == (byte)StatusCode.Cancelled);
        }
    }

    /// <summary>The call of the first frame of that kind and length that begins or goes on with a message in parts.</summary>
    private static async Task<uint> FirstPartAsync(RawPeer peer, int ofLength, int kind, uint[] except)
    {
        var opened = new HashSet<uint>(except);
        while (true)
        {
            var frame = await peer.ReceiveAsync();
            Assert.NotEqual(0, frame.Kind);
            if (frame is { Kind: 3, Flags: 0 })
            {
                opened.Add(frame.Call);
            }
            if (frame.Kind == kind && frame.Payload.Length == ofLength && opened.Contains(frame.Call))
            {
                return frame.Call;
            }
        }
    }

    /// <summary>The kind of the first frame of a call that is no part of a message.</summary>
    private static async Task<int> LastAsync(RawPeer peer, uint call)
    {
        while (true)
        {
            var frame = await peer.ReceiveAsync();
            if (frame.Kind == 0 || (frame.Call == call && (frame.Kind, frame.Flags) is not (4, 0x10)))
            {
                return frame.Kind;
            }
        }
    }
}
