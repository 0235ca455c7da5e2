using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Anywire.Udp.Sockets;

/// <summary>Receives on 64-bit Linux, where the kernel brings many datagrams of one sender by one call (UDP_GRO) and says only in a control message where one ends.
/// One thread at a time.</summary>
internal sealed unsafe partial class NativeReceive
{
    private const int SolUdp = 17;
    private const int UdpGro = 104;
    private const int DontWait = 0x40;
    private const int ControlBytes = 64;
    private const int ControlHeadBytes = 16;
    private const int ErrAgain = 11;
    private const int ErrInterrupted = 4;
    private const int ErrRefused = 111;

    private readonly SafeSocketHandle _socket;

    public NativeReceive(SafeSocketHandle socket)
    {
        _socket = socket;
        var on = 1;
        // An old kernel brings them one by one.
        _ = SetSockOpt(socket, SolUdp, UdpGro, &on, sizeof(int));
    }

    public int Receive(Span<byte> buffer, SocketAddress from, bool wait, out int segment)
    {
        var control = stackalloc byte[ControlBytes];
        segment = buffer.Length;
        fixed (byte* bytes = buffer)
        fixed (byte* name = from.Buffer.Span)
        {
            while (true)
            {
                var vector = new IoVector { Base = bytes, Length = (nuint)buffer.Length };
                var head = new MessageHead
                {
                    Name = name, NameLength = (uint)from.Buffer.Length, Vectors = &vector, VectorCount = 1, Control = control, ControlLength = ControlBytes,
                };
                var came = (int)RecvMsg(_socket, &head, wait ? 0 : DontWait);
                if (came >= 0)
                {
                    if (head.NameLength > 0)
                    {
                        from.Size = (int)head.NameLength;
                    }
                    segment = SegmentOf(head, came);
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

    private static int SegmentOf(in MessageHead head, int came)
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
            if (*(int*)(at + 8) == SolUdp && *(int*)(at + 12) == UdpGro)
            {
                return Math.Max(*(int*)(at + ControlHeadBytes), 1);
            }
            at += (length + 7) & ~(nuint)7;
        }
        return Math.Max(came, 1);
    }

    [LibraryImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    private static partial nint RecvMsg(SafeSocketHandle socket, MessageHead* message, int flags);

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
