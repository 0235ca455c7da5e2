using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Anywire.Udp.Format;
using Anywire.Udp.Sessions;

namespace Anywire.Udp.Sockets;

/// <summary>A socket for datagrams. One thread at a time receives, and any may send; both block. Disposing it ends both.</summary>
internal sealed class UdpSocket : IDisposable
{
    /// <summary>What the kernel is asked to keep for a receiver that is busy.</summary>
    public const int ReceiveBufferBytes = 4 * 1024 * 1024;

    /// <summary>What a datagram takes in the kernel's account of a receive buffer, at most: it counts its own structures too, and so grants twice what was asked for.</summary>
    private const int BytesPerDatagram = 2_560;

    private const int SendBufferBytes = 1024 * 1024;
    private const int SolSocket = 1;
    private const int SoMemInfo = 55;
    private const int MemInfoDrops = 8;

    private readonly Socket _socket;
    private readonly NativeSocket? _native;
    private readonly PeerAddress _from;
    private volatile bool _isClosed;

    private UdpSocket(Socket socket, bool hasAllAddresses = false)
    {
        _socket = socket;
        _from = new PeerAddress(new SocketAddress(socket.AddressFamily));
        socket.ReceiveBufferSize = ReceiveBufferBytes;
        socket.SendBufferSize = SendBufferBytes;
        // The layouts of the kernel's structures differ where pointers have four bytes.
        if (OperatingSystem.IsLinux() && Environment.Is64BitProcess)
        {
            _native = new NativeSocket(socket.SafeHandle);
            Segments = _native.CanCut();
            if (hasAllAddresses)
            {
                _native.AskForLocal(socket.AddressFamily);
            }
        }
    }

    /// <summary>The bytes of receive buffer that the kernel granted; it may be set to grant less than it is asked for.</summary>
    public int GrantedBytes => OperatingSystem.IsLinux() ? _socket.ReceiveBufferSize / 2 : _socket.ReceiveBufferSize;

    /// <summary>How many datagrams of full size surely find room in the receive buffer.</summary>
    public int Capacity => Math.Max(2 * GrantedBytes / BytesPerDatagram, 16);

    public IPEndPoint LocalEndPoint => (IPEndPoint)_socket.LocalEndPoint!;

    /// <summary>How many datagrams the kernel has dropped because the receive buffer was full; 0 where it does not say.</summary>
    public uint KernelDrops
    {
        get
        {
            if (!OperatingSystem.IsLinux() || _isClosed)
            {
                return 0;
            }
            Span<uint> info = stackalloc uint[MemInfoDrops + 1];
            try
            {
                _socket.GetRawSocketOption(SolSocket, SoMemInfo, MemoryMarshal.AsBytes(info));
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                return 0;
            }
            return info[MemInfoDrops];
        }
    }

    /// <summary>Listens.</summary>
    /// <exception cref="SocketException">The address cannot be had.</exception>
    public static UdpSocket Bind(IPEndPoint address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            ListenAddress.Bind(socket, address);
            return new UdpSocket(socket, address.Address.Equals(IPAddress.Any) || address.Address.Equals(IPAddress.IPv6Any));
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Talks to one address only, and is told when nobody listens there.</summary>
    /// <exception cref="SocketException">There is no way there.</exception>
    public static UdpSocket Connect(IPEndPoint address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Connect(address);
            return new UdpSocket(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Waits for so long; whether something came.</summary>
    /// <exception cref="SocketException">Something that was sent could not be delivered.</exception>
    public bool WaitToReceive(TimeSpan wait) => _socket.Poll(wait, SelectMode.SelectRead);

    /// <summary>Waits for something to come.</summary>
    /// <param name="buffer">Where it goes; 64 KiB, for the kernel may bring many datagrams of one sender together.</param>
    /// <param name="wait">False: only what is there already.</param>
    /// <param name="segment">The bytes of each datagram but the last, which may be shorter.</param>
    /// <param name="from">Who sent it; valid until the next call.</param>
    /// <returns>How many bytes came; -1 when nothing is there, or when the socket was closed.</returns>
    /// <exception cref="SocketException">Something that was sent could not be delivered.</exception>
    public int Receive(Span<byte> buffer, bool wait, out int segment, out PeerAddress from)
    {
        from = _from;
        if (_native is not null)
        {
            var came = _native.Receive(buffer, _from, wait, out segment);
            return _isClosed ? -1 : came;
        }
        segment = buffer.Length;
        try
        {
            if (!wait && _socket.Available == 0)
            {
                return -1;
            }
            return _socket.ReceiveFrom(buffer, SocketFlags.None, _from.Remote);
        }
        catch (Exception error) when (_isClosed && error is SocketException or ObjectDisposedException)
        {
            return -1;
        }
    }

    /// <summary>Sends a batch that was sealed for <see cref="Segments"/>, or one by one.</summary>
    /// <returns>False when it was padded and this way out of the machine cannot cut it in pieces, so that they were sent one by one: the next should not be padded.</returns>
    /// <exception cref="SocketException">It could not be sent, or something sent before could not be delivered.</exception>
    public bool Send(Batch batch, PeerAddress? to)
    {
        if (batch.IsPadded)
        {
            try
            {
                _native!.Send(batch.All, to, Datagram.MaxBytes);
                return true;
            }
            catch (SocketException error) when (error.SocketErrorCode is SocketError.InvalidArgument or SocketError.OperationNotSupported or SocketError.MessageSize or SocketError.SocketError)
            {
                // Below.
            }
        }
        for (var i = 0; i < batch.Count; i++)
        {
            Send(batch[i], to);
        }
        return !batch.IsPadded;
    }

    /// <summary>Whether the kernel cuts a batch into datagrams by itself, so that all but the last have to have full size.</summary>
    public bool Segments { get; }

    /// <summary>Sends one datagram.</summary>
    /// <exception cref="SocketException">It could not be sent, or something sent before could not be delivered.</exception>
    public void Send(ReadOnlySpan<byte> datagram, PeerAddress? to)
    {
        if (_native is not null)
        {
            _native.Send(datagram, to, 0);
        }
        else if (to is null)
        {
            _socket.Send(datagram, SocketFlags.None);
        }
        else
        {
            _socket.SendTo(datagram, SocketFlags.None, to.Remote);
        }
    }

    public void Dispose()
    {
        _isClosed = true;
        try
        {
            // Whoever waits for datagrams wakes up.
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // A socket that is not connected is said to be so, and woken up all the same.
        }
        _socket.Dispose();
    }
}
