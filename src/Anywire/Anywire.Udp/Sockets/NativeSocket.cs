using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Anywire.Udp.Sockets;

/// <summary>What 64-bit Linux says and takes beside datagrams, in control messages: where each ends of many of one sender that the kernel brings by one call (UDP_GRO), and
/// which of the machine's addresses they came to. One thread at a time receives, and any may send.</summary>
internal sealed unsafe partial class NativeSocket
{
    private const int SolIp = 0;
    private const int IpPacketInfo = 8;
    private const int SolIpv6 = 41;
    private const int Ipv6ReceivePacketInfo = 49;
    private const int Ipv6PacketInfo = 50;
    private const int SolUdp = 17;
    private const int UdpSegment = 103;
    private const int UdpGro = 104;
    private const int DontWait = 0x40;
    private const int ControlBytes = 64;
    private const int ControlHeadBytes = 16;
    private const int InfoBytes = 12;
    private const int Info6Bytes = PeerAddress.MaxLocalBytes;
    private const int ErrNotPermitted = 1;
    private const int ErrInterrupted = 4;
    private const int ErrInputOutput = 5;
    private const int ErrAgain = 11;
    private const int ErrAccess = 13;
    private const int ErrInvalid = 22;
    private const int ErrMessageSize = 90;
    private const int ErrNotSupported = 95;
    private const int ErrNoBuffers = 105;
    private const int ErrRefused = 111;

    private readonly SafeSocketHandle _socket;

    /// <param name="socket">The socket.</param>
    public NativeSocket(SafeSocketHandle socket)
    {
        _socket = socket;
        var on = 1;
        // An old kernel brings them one by one.
        _ = SetSockOpt(socket, SolUdp, UdpGro, &on, sizeof(int));
    }

    /// <summary>Has <see cref="PeerAddress.Local"/> said from now on.</summary>
    public void AskForLocal(AddressFamily family)
    {
        var on = 1;
        _ = family == AddressFamily.InterNetworkV6
            ? SetSockOpt(_socket, SolIpv6, Ipv6ReceivePacketInfo, &on, sizeof(int))
            : SetSockOpt(_socket, SolIp, IpPacketInfo, &on, sizeof(int));
    }

    /// <summary>As <see cref="UdpSocket.Receive"/>.</summary>
    public int Receive(Span<byte> buffer, PeerAddress from, bool wait, out int segment)
    {
        var control = stackalloc byte[ControlBytes];
        segment = buffer.Length;
        fixed (byte* bytes = buffer)
        fixed (byte* name = from.Remote.Buffer.Span)
        {
            while (true)
            {
                var vector = new IoVector { Base = bytes, Length = (nuint)buffer.Length };
                var head = new MessageHead
                {
                    Name = name, NameLength = (uint)from.Remote.Buffer.Length, Vectors = &vector, VectorCount = 1, Control = control, ControlLength = ControlBytes,
                };
                var came = (int)RecvMsg(_socket, &head, wait ? 0 : DontWait);
                if (came >= 0)
                {
                    if (head.NameLength > 0)
                    {
                        from.Remote.Size = (int)head.NameLength;
                    }
                    segment = Math.Max(came, 1);
                    ReadControl(head, ref segment, from);
                    return came;
                }
                switch (Marshal.GetLastPInvokeError())
                {
                    case ErrInterrupted:
                        continue;
                    case ErrAgain:
                        return -1;
                    case ErrRefused:
                        throw new SocketException((int)SocketError.ConnectionRefused);
                    default:
                        throw new SocketException((int)SocketError.SocketError);
                }
            }
        }
    }

    /// <summary>Whether the kernel cuts what is sent into datagrams, on ways that let it.</summary>
    public bool CanCut()
    {
        // Set for the socket it would be for single datagrams too, and there are ways that take none at all then. 0 is not for any.
        var none = 0;
        return SetSockOpt(_socket, SolUdp, UdpSegment, &none, sizeof(int)) == 0;
    }

    /// <summary>Sends one datagram, or several of one size (the last may be shorter), from the address that the other side knows.</summary>
    /// <param name="bytes">All of them.</param>
    /// <param name="to">Where to; null where the socket is connected.</param>
    /// <param name="segment">Their size; 0: it is one.</param>
    /// <exception cref="SocketException">They could not be sent, or something sent before could not be delivered.</exception>
    public void Send(ReadOnlySpan<byte> bytes, PeerAddress? to, ushort segment)
    {
        var control = stackalloc byte[ControlBytes];
        new Span<byte>(control, ControlBytes).Clear();
        var length = 0;
        if (to is { LocalBytes: > 0 })
        {
            var isIpv6 = to.Remote.Family == AddressFamily.InterNetworkV6;
            length = Put(control, isIpv6 ? SolIpv6 : SolIp, isIpv6 ? Ipv6PacketInfo : IpPacketInfo, to.Local);
        }
        if (segment > 0)
        {
            length += Put(control + length, SolUdp, UdpSegment, MemoryMarshal.AsBytes(new ReadOnlySpan<ushort>(in segment)));
        }
        fixed (byte* first = bytes)
        fixed (byte* name = to is null ? default : to.Remote.Buffer.Span)
        {
            var vector = new IoVector { Base = first, Length = (nuint)bytes.Length };
            var head = new MessageHead
            {
                Name = name,
                NameLength = (uint)(to?.Remote.Size ?? 0),
                Vectors = &vector,
                VectorCount = 1,
                Control = length == 0 ? null : control,
                ControlLength = (nuint)length,
            };
            while (SendMsg(_socket, &head, 0) < 0)
            {
                if (Marshal.GetLastPInvokeError() is not ErrInterrupted and var error)
                {
                    Throw(error);
                }
            }
        }
    }

    /// <summary>Writes a control message; how many bytes it takes.</summary>
    private static int Put(byte* at, int level, int kind, ReadOnlySpan<byte> data)
    {
        *(nuint*)at = (nuint)(ControlHeadBytes + data.Length);
        *(int*)(at + 8) = level;
        *(int*)(at + 12) = kind;
        data.CopyTo(new Span<byte>(at + ControlHeadBytes, data.Length));
        return (ControlHeadBytes + data.Length + 7) & ~7;
    }

    [DoesNotReturn]
    private static void Throw(int error) => throw new SocketException((int)(error switch
    {
        ErrInvalid => SocketError.InvalidArgument,
        ErrMessageSize => SocketError.MessageSize,
        ErrNotSupported => SocketError.OperationNotSupported,
        ErrInputOutput => SocketError.SocketError,
        ErrAgain => SocketError.WouldBlock,
        ErrRefused => SocketError.ConnectionRefused,
        ErrNotPermitted or ErrAccess => SocketError.AccessDenied,
        ErrNoBuffers => SocketError.NoBufferSpaceAvailable,
        _ => SocketError.HostUnreachable,
    }));

    private static void ReadControl(in MessageHead head, ref int segment, PeerAddress from)
    {
        var at = head.Control;
        var end = at + head.ControlLength;
        while (at + ControlHeadBytes + sizeof(int) <= end)
        {
            var length = *(nuint*)at;
            if (length < ControlHeadBytes || length > (nuint)(end - at))
            {
                break;
            }
            var data = new ReadOnlySpan<byte>(at + ControlHeadBytes, (int)length - ControlHeadBytes);
            switch ((*(int*)(at + 8), *(int*)(at + 12)))
            {
                case (SolUdp, UdpGro) when data.Length >= sizeof(int):
                    segment = Math.Max(*(int*)(at + ControlHeadBytes), 1);
                    break;
                case (SolIpv6, Ipv6PacketInfo) when data.Length >= Info6Bytes:
                    from.LocalBytes = Info6Bytes;
                    // The address; the interface is for the kernel to find, as for any other datagram.
                    data[..16].CopyTo(from.Local);
                    break;
                case (SolIp, IpPacketInfo) when data.Length >= InfoBytes:
                    from.LocalBytes = InfoBytes;
                    data.Slice(4, 4).CopyTo(from.Local[4..]);
                    break;
            }
            at += (length + 7) & ~(nuint)7;
        }
    }

    [LibraryImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    private static partial nint RecvMsg(SafeSocketHandle socket, MessageHead* message, int flags);

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    private static partial nint SendMsg(SafeSocketHandle socket, MessageHead* message, int flags);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int SetSockOpt(SafeSocketHandle socket, int level, int option, int* value, uint length);

    /// <summary>struct iovec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct IoVector
    {
        public byte* Base;
        public nuint Length;
    }

    /// <summary>struct msghdr.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct MessageHead
    {
        public byte* Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nuint VectorCount;
        public byte* Control;
        public nuint ControlLength;
        public int Flags;
    }
}
