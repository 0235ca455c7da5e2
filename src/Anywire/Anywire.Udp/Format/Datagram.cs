using System.Buffers.Binary;

namespace Anywire.Udp.Format;

/// <summary>What a datagram is.</summary>
internal enum DatagramKind : byte
{
    /// <summary>Messages, sealed.</summary>
    Sealed = 1,

    /// <summary>Messages, for all to read: on a plain wire.</summary>
    Plain = 2,

    /// <summary>Plain wire: a caller begins a session.</summary>
    Hello = 3,

    /// <summary>Plain wire: the session it was given.</summary>
    Welcome = 4,

    /// <summary>Plain wire: there is no such session here.</summary>
    Unknown = 5,
}

/// <summary>What stands before the messages of a datagram; the README beside the project gives its bytes.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Key">The number of the key that it is sealed with; 0 on a plain wire.</param>
/// <param name="Session">The session it belongs to.</param>
/// <param name="Counter">How many datagrams of the session went before it in this direction.</param>
internal readonly record struct Datagram(DatagramKind Kind, byte Key, uint Session, ulong Counter)
{
    /// <summary>What every path of IPv6 carries: 1,280 bytes less the heads of IP and UDP.</summary>
    public const int MaxBytes = 1_232;

    public const int HeadBytes = 14;

    public const int TagBytes = 16;

    /// <summary>What is left for messages.</summary>
    public const int MessageBytes = MaxBytes - HeadBytes - TagBytes;

    public const byte Version = 1;

    public void Write(Span<byte> to)
    {
        to[0] = (byte)Kind;
        to[1] = Key;
        BinaryPrimitives.WriteUInt32BigEndian(to[2..], Session);
        BinaryPrimitives.WriteUInt64BigEndian(to[6..], Counter);
    }

    /// <summary>Reads a head; false when what came has none.</summary>
    public static bool TryRead(ReadOnlySpan<byte> from, out Datagram head)
    {
        if (from.Length < HeadBytes)
        {
            head = default;
            return false;
        }
        head = new Datagram((DatagramKind)from[0], from[1], BinaryPrimitives.ReadUInt32BigEndian(from[2..]), BinaryPrimitives.ReadUInt64BigEndian(from[6..]));
        return true;
    }
}
