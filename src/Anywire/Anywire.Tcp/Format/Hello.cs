using System.Buffers.Binary;

namespace Anywire.Tcp.Format;

/// <summary>What each side says first.</summary>
/// <param name="Window">How many bytes of a stream's messages may be on their way to it before it has read some.</param>
/// <param name="MaxCalls">How many calls it takes at once over this connection.</param>
internal readonly record struct Hello(int Window, int MaxCalls)
{
    /// <summary>The version of the wire format.</summary>
    public const byte Version = 1;

    /// <summary>Bytes of its frame, header included.</summary>
    public const int FrameSize = FrameHeader.Size + 14;

    private static ReadOnlySpan<byte> Magic => "ANYW"u8;

    public void Write(Span<byte> frame)
    {
        new FrameHeader(FrameKind.Hello, FrameFlags.None, FrameSize - FrameHeader.Size, 0).Write(frame);
        Magic.CopyTo(frame[8..]);
        frame[12] = Version;
        frame[13] = 0;
        BinaryPrimitives.WriteInt32BigEndian(frame[14..], Window);
        BinaryPrimitives.WriteInt32BigEndian(frame[18..], MaxCalls);
    }

    /// <summary>Reads the first frame that came.</summary>
    /// <exception cref="ProtocolException">It is no such frame, or of a version that is not spoken here.</exception>
    public static Hello Read(ReadOnlySpan<byte> frame)
    {
        var header = FrameHeader.Read(frame);
        if (header is not { Kind: FrameKind.Hello, Flags: FrameFlags.None, Length: FrameSize - FrameHeader.Size, Call: 0 }
            || !frame.Slice(8, 4).SequenceEqual(Magic))
        {
            throw new ProtocolException("it does not speak Anywire's TCP format");
        }
        if (frame[12] != Version)
        {
            throw new ProtocolException($"it speaks version {frame[12]} of the format, and here version {Version} is spoken");
        }
        var hello = new Hello(
            BinaryPrimitives.ReadInt32BigEndian(frame[14..]), BinaryPrimitives.ReadInt32BigEndian(frame[18..]));
        return hello.Window > 0 && hello.MaxCalls >= 0 ? hello : throw new ProtocolException("its bounds make no sense");
    }
}
