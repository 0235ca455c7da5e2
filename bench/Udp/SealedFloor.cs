using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Twite.Bench.Udp;

/// <summary>The bare loop that the transport is compared with: each event sealed by itself and sent by one call of <c>SendTo</c>; no contract, no metadata, no loss told.</summary>
internal sealed class SealedFloor : IDisposable
{
    private const int Head = 8;
    private const int Tag = 16;
    private const int BufferBytes = 4 * 1024 * 1024;

    // Both processes have it.
    private static ReadOnlySpan<byte> Key => "0123456789abcdef0123456789abcdef"u8;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = BufferBytes };
    private readonly AesGcm _aes = new(Key, Tag);
    private readonly byte[] _nonce = new byte[12];
    private readonly byte[] _datagram = new byte[2048];
    private SocketAddress? _to;
    private ulong _counter;
    private long _count;

    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    public long Count => Volatile.Read(ref _count);

    public long KernelDrops
    {
        get
        {
            Span<uint> info = stackalloc uint[9];
            _socket.GetRawSocketOption(1, 55, MemoryMarshal.AsBytes(info));
            return info[8];
        }
    }

    /// <summary>Counts what comes and opens.</summary>
    public static SealedFloor Listen()
    {
        var floor = new SealedFloor();
        floor._socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        new Thread(floor.ReceiveAll) { IsBackground = true }.Start();
        return floor;
    }

    public static SealedFloor To(int port) => new() { _to = new IPEndPoint(IPAddress.Loopback, port).Serialize() };

    public void Send(ReadOnlySpan<byte> message)
    {
        var counter = _counter++;
        BinaryPrimitives.WriteUInt64BigEndian(_datagram, counter);
        BinaryPrimitives.WriteUInt64BigEndian(_nonce.AsSpan(4), counter);
        _aes.Encrypt(_nonce, message, _datagram.AsSpan(Head, message.Length), _datagram.AsSpan(Head + message.Length, Tag), _datagram.AsSpan(0, Head));
        _socket.SendTo(_datagram.AsSpan(0, Head + message.Length + Tag), SocketFlags.None, _to!);
    }

    public void Dispose()
    {
        _socket.Dispose();
        _aes.Dispose();
    }

    private void ReceiveAll()
    {
        var from = new SocketAddress(AddressFamily.InterNetwork);
        var message = new byte[2048];
        try
        {
            while (true)
            {
                var came = _socket.ReceiveFrom(_datagram, SocketFlags.None, from);
                _datagram.AsSpan(0, Head).CopyTo(_nonce.AsSpan(4));
                var length = came - Head - Tag;
                _aes.Decrypt(_nonce, _datagram.AsSpan(Head, length), _datagram.AsSpan(Head + length, Tag), message.AsSpan(0, length), _datagram.AsSpan(0, Head));
                Volatile.Write(ref _count, _count + 1);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The end.
        }
    }
}
