using System.Buffers.Binary;

namespace Anywire.Tcp.Tests.Bed;

/// <summary>Frames as a peer might send them that knows the format and keeps no rule of it: nearly right, so that they come far.</summary>
/// <param name="random">Where chance comes from.</param>
/// <param name="kinds">The kinds of frames, each as often as it is to come.</param>
internal sealed class RandomFrames(Random random, byte[] kinds)
{
    // Lines: one without anything, hi, 3, a body of 40 bytes, what is no message.
    private static readonly byte[][] Messages =
    [
        [], RawPeer.Bytes("0A 02 68 69"), RawPeer.Bytes("0A 01 33"), [0x12, 40, .. new byte[40]], RawPeer.Bytes("0A FF FF FF"),
    ];

    private static readonly byte[] Flags = [0x00, 0x10, 0x20, 0x20, 0x20, 0x30, 0xC0];

    /// <summary>What a caller sends.</summary>
    public static byte[] OfCaller => [3, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 8, 8, 9, 10, 11, 12];

    /// <summary>What a handler sends.</summary>
    public static byte[] OfHandler => [4, 4, 4, 4, 6, 7, 9, 10, 11];

    /// <summary>Appends one.</summary>
    /// <param name="to">Where to.</param>
    /// <param name="call">The call that it is for.</param>
    public void Add(List<byte> to, uint call)
    {
        var kind = kinds[random.Next(kinds.Length)];
        if (random.Next(2_000) == 0)
        {
            kind = (byte)random.Next(16);
        }
        var payload = Payload(kind);
        Span<byte> header = stackalloc byte[8];
        BinaryPrimitives.WriteUInt32BigEndian(header, (uint)(kind | Flags[random.Next(Flags.Length)]) << 24 | (uint)payload.Length);
        BinaryPrimitives.WriteUInt32BigEndian(header[4..], kind >= 10 ? 0 : call);
        to.AddRange(header);
        to.AddRange(payload);
    }

    private byte[] Payload(byte kind)
    {
        byte[] payload = kind switch
        {
            3 => [0, (byte)random.Next(1, 5), .. Deadline(), .. Metadata(), .. Message()],
            4 => Message(),
            6 => [(byte)random.Next(17), 0, 2, 0x6E, 0x6F, .. Metadata()],
            7 => Metadata(),
            9 => [0, 0, (byte)random.Next(256), (byte)random.Next(256)],
            10 or 11 => new byte[random.Next(9)],
            12 => "enough"u8.ToArray(),
            _ => [],
        };
        // Now and then one byte is another, or the end is missing.
        if (payload.Length > 0 && random.Next(500) == 0)
        {
            payload[random.Next(payload.Length)] = (byte)random.Next(256);
        }
        return random.Next(1_000) == 0 ? payload[..random.Next(payload.Length + 1)] : payload;
    }

    private byte[] Deadline() => random.Next(4) switch { 0 => [0, 0, 0, (byte)random.Next(3)], 1 => [0xFF, 0xFF, 0xFF, 0xFE], _ => [0xFF, 0xFF, 0xFF, 0xFF] };

    private byte[] Metadata() => random.Next(4) == 0 ? RawPeer.Bytes("0002 01 61 0001 62 05 63 2D 62 69 6E 0002 FF00") : [0, 0];

    private byte[] Message() => Messages[random.Next(100) == 0 ? 4 : random.Next(4)];
}
