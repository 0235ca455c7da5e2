using System.Buffers.Binary;

namespace Anywire.Tcp.Format;

/// <summary>What a frame says.</summary>
internal enum FrameKind : byte
{
    /// <summary>Either, once, first: who speaks, which version, which bounds.</summary>
    Hello = 1,

    /// <summary>Caller: from now on this number stands for that method.</summary>
    Method = 2,

    /// <summary>Caller: opens a call. With <see cref="FrameFlags.Last"/> or <see cref="FrameFlags.More"/> a message follows its head.</summary>
    Call = 3,

    /// <summary>Either: a message, or a further part of one.</summary>
    Message = 4,

    /// <summary>Caller: no more messages.</summary>
    HalfClose = 5,

    /// <summary>Handler: status and trailers; the call is over.</summary>
    Status = 6,

    /// <summary>Handler: response metadata.</summary>
    Headers = 7,

    /// <summary>Caller: stop.</summary>
    Cancel = 8,

    /// <summary>Either: so much of what was sent has been read; as much more may be sent.</summary>
    Window = 9,

    /// <summary>Either: are you there?</summary>
    Ping = 10,

    /// <summary>Either: yes.</summary>
    Pong = 11,

    /// <summary>Either: make no new calls here; the connection closes, and this is why.</summary>
    GoAway = 12,
}

/// <summary>What is particular about a frame.</summary>
[Flags]
internal enum FrameFlags : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The message goes on in the call's next frame.</summary>
    More = 0x10,

    /// <summary>From a caller: its last message. From a handler: its last message, and the call has ended well, without trailers.</summary>
    Last = 0x20,
}

/// <summary>The 8 bytes before each payload: kind and flags (1), length of the payload (3, big endian), call (4, big endian).</summary>
internal readonly record struct FrameHeader(FrameKind Kind, FrameFlags Flags, int Length, uint Call)
{
    /// <summary>Bytes of a header.</summary>
    public const int Size = 8;

    /// <summary>The most bytes of a payload. A larger message is cut into several frames, between which other calls have their turns.</summary>
    public const int MaxPayload = 32 * 1024;

    /// <summary>Whether the message goes on in the call's next frame.</summary>
    public bool HasMore => (Flags & FrameFlags.More) != FrameFlags.None;

    /// <summary>Whether nothing follows the message.</summary>
    public bool IsLast => (Flags & FrameFlags.Last) != FrameFlags.None;

    public static FrameHeader Read(ReadOnlySpan<byte> bytes)
    {
        var first = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        var kind = (byte)(first >> 24);
        return new FrameHeader(
            (FrameKind)(kind & 0x0F), (FrameFlags)(kind & 0xF0), (int)(first & 0xFF_FFFF), BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]));
    }

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt32BigEndian(bytes, ((uint)Kind | (uint)Flags) << 24 | (uint)Length);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[4..], Call);
    }
}
