using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Anywire.Udp.Format;
using Anywire.Udp.Sessions;
using Anywire.Udp.Sockets;

namespace Anywire.Udp.Tests;

/// <summary>Batches that the kernel cuts into datagrams, and ways out of a machine that do not let it, as through IPsec.</summary>
public sealed class CuttingTests : IDisposable
{
    private readonly UdpClient _far = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly UdpSocket _near;

    public CuttingTests()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the kernel cuts nothing here");
        _near = UdpSocket.Connect((IPEndPoint)_far.Client.LocalEndPoint!);
    }

    [Fact]
    public async Task A_batch_is_cut_where_it_can_be()
    {
        Assert.True(_near.Send(Batch(3), null));
        await AssertComeAsync(3);
    }

    [Fact]
    public async Task One_that_cannot_be_cut_goes_in_pieces_and_the_session_is_told()
    {
        CannotCut();
        Assert.False(_near.Send(Batch(3), null));
        await AssertComeAsync(3);
    }

    [Fact]
    public async Task A_single_datagram_goes_where_none_can_be_cut()
    {
        CannotCut();
        Assert.True(_near.Send(Batch(1), null));
        await AssertComeAsync(1);
    }

    public void Dispose()
    {
        _near.Dispose();
        _far.Dispose();
    }

    private static Batch Batch(int datagrams)
    {
        var batch = new Batch();
        for (var i = 0; i < datagrams; i++)
        {
            Assert.True(batch.TryAdd(new byte[Datagram.MessageBytes]));
        }
        batch.Seal(1, 0, key: null, isPadded: datagrams > 1);
        return batch;
    }

    /// <summary>Without checksums the kernel refuses to cut, and refuses single datagrams of a socket that is set to be cut as well.</summary>
    private void CannotCut()
    {
        const int SolSocket = 1;
        const int SoNoCheck = 11;
        SocketOf(_near).SetRawSocketOption(SolSocket, SoNoCheck, MemoryMarshal.AsBytes(new ReadOnlySpan<int>([1])));
    }

    private async Task AssertComeAsync(int datagrams)
    {
        for (var i = 0; i < datagrams; i++)
        {
            var datagram = await _far.ReceiveAsync().Soon();
            Assert.True(Datagram.TryRead(datagram.Buffer, out var head));
            Assert.Equal((ulong)i, head.Counter);
        }
        Assert.Equal(0, _far.Available);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_socket")]
    private static extern ref Socket SocketOf(UdpSocket socket);
}
