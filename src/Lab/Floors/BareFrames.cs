using System.Buffers.Binary;
using System.Text;
using Twite.Lab.Call;

namespace Twite.Lab.Floors;

/// <summary>What goes over the bare socket, integers in little endian.
/// Request: slot (4 bytes), token (32 bytes of ASCII).
/// Reply: slot (4), account id (8; 0: no such session), expiry (8), length of the name (1), name (30, filled up with zeros).</summary>
internal static class BareFrames
{
    public const int RequestLength = 4 + Sessions.TokenLength;
    public const int ReplyLength = 4 + 8 + 8 + 1 + NameLength;

    private const int NameLength = 30;

    public static void WriteRequest(Span<byte> frame, int slot, string token)
    {
        BinaryPrimitives.WriteInt32LittleEndian(frame, slot);
        Encoding.ASCII.GetBytes(token, frame[4..]);
    }

    public static int ReadSlot(ReadOnlySpan<byte> frame) => BinaryPrimitives.ReadInt32LittleEndian(frame);

    public static void WriteReply(Span<byte> reply, ReadOnlySpan<byte> request, Sessions sessions)
    {
        Span<char> token = stackalloc char[Sessions.TokenLength];
        Encoding.ASCII.GetChars(request[4..], token);
        var session = sessions.Find(token);
        request[..4].CopyTo(reply);
        BinaryPrimitives.WriteInt64LittleEndian(reply[4..], session?.AccountId ?? 0);
        BinaryPrimitives.WriteInt64LittleEndian(reply[12..], session?.ExpiresAt ?? 0);
        var name = reply.Slice(21, NameLength);
        name.Clear();
        reply[20] = (byte)Encoding.ASCII.GetBytes(session?.Name ?? "", name);
    }

    /// <summary>The session in a reply; what a caller wants is made, as a wire makes it.</summary>
    public static Session ReadReply(ReadOnlySpan<byte> reply) => new(
        BinaryPrimitives.ReadInt64LittleEndian(reply[4..]),
        Encoding.ASCII.GetString(reply.Slice(21, reply[20])),
        BinaryPrimitives.ReadInt64LittleEndian(reply[12..]));
}
