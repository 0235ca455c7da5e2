using System.Buffers.Binary;
using System.Text;
using Twite.Lab.Call;

namespace Twite.Bench.Sockets.Floor;

/// <summary>What goes over the bare socket, integers in little endian. Each frame begins with its length (4 bytes, itself included) and the id of its call (4).
/// Request: the token (32 bytes of ASCII). Reply: account id (8; 0: no such session), expiry (8), and the name in what is left.</summary>
internal static class FloorFrames
{
    public const int RequestLength = Head + Sessions.TokenLength;

    /// <summary>No reply is longer, and so no batch of replies than its requests were.</summary>
    public const int LongestReply = RequestLength;

    private const int Head = 8;
    private const int NameAt = Head + 16;

    public static void WriteRequest(Span<byte> frame, int id, string token)
    {
        BinaryPrimitives.WriteInt32LittleEndian(frame, RequestLength);
        BinaryPrimitives.WriteInt32LittleEndian(frame[4..], id);
        Encoding.ASCII.GetBytes(token, frame[Head..]);
    }

    /// <summary>The first frame of some bytes; empty when it has not come whole.</summary>
    public static ReadOnlySpan<byte> First(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < Head)
        {
            return default;
        }
        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (length is < Head or > RequestLength)
        {
            throw new InvalidDataException($"A frame says that it is {length} bytes long.");
        }
        return bytes.Length < length ? default : bytes[..length];
    }

    /// <summary>Answers a request.</summary>
    /// <returns>How long the reply is.</returns>
    public static int WriteReply(Span<byte> reply, ReadOnlySpan<byte> request, Sessions sessions)
    {
        Span<char> token = stackalloc char[Sessions.TokenLength];
        Encoding.ASCII.GetChars(request[Head..], token);
        var session = sessions.Find(token);
        var length = NameAt + Encoding.ASCII.GetBytes(session?.Name ?? "", reply[NameAt..LongestReply]);
        BinaryPrimitives.WriteInt32LittleEndian(reply, length);
        request.Slice(4, 4).CopyTo(reply[4..]);
        BinaryPrimitives.WriteInt64LittleEndian(reply[Head..], session?.AccountId ?? 0);
        BinaryPrimitives.WriteInt64LittleEndian(reply[(Head + 8)..], session?.ExpiresAt ?? 0);
        return length;
    }

    public static int Id(ReadOnlySpan<byte> frame) => BinaryPrimitives.ReadInt32LittleEndian(frame[4..]);

    public static FloorReply ReadReply(ReadOnlySpan<byte> reply) => new(
        BinaryPrimitives.ReadInt64LittleEndian(reply[Head..]), BinaryPrimitives.ReadInt64LittleEndian(reply[(Head + 8)..]), reply.Length - NameAt);
}

/// <summary>What came back; of the name only how long it is: the floor makes no objects.</summary>
internal readonly record struct FloorReply(long AccountId, long ExpiresAt, int NameLength);
