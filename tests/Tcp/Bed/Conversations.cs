namespace Anywire.Tcp.Tests.Bed;

/// <summary>Good conversations with every kind of frame, for <see cref="Mutations"/>.</summary>
internal static class Conversations
{
    private const string Hi = "0A 02 68 69";

    /// <summary>What a caller says, after its hello. Say is method 1, Lines 2, Count 3.</summary>
    public static IReadOnlyList<byte[]> Caller { get; } = Frames(
        RawPeer.Method("Say"), Named(2, "Lines"), Named(3, "Count"), RawPeer.Call(1, Hi), RawPeer.Frame(3, 0x20, 2, "0002 FFFFFFFF 0000 0A 01 39"),
        RawPeer.Frame(3, 0, 3, "0003 00001000 0001 01 61 0001 62"), RawPeer.Frame(4, 0, 3, Hi), RawPeer.Frame(3, 0x10, 4, "0001 FFFFFFFF 0000 0A"),
        RawPeer.Frame(9, 0, 2, "00000040"), RawPeer.Frame(4, 0x10, 4, "02"), RawPeer.Frame(4, 0x20, 4, "68 69"), "0A 000002 00000000 0102",
        RawPeer.Frame(5, 0, 3, ""), RawPeer.Frame(8, 0, 2, ""), RawPeer.Frame(3, 0x20, 5, "0001 FFFFFFFF 0001 05 63 2D 62 69 6E 0001 FF" + Hi), "0B 000000 00000000");

    /// <summary>What a handler says, after its hello, to a plain call under the first number of a caller of ours, and to one with a stream of replies under the next.</summary>
    public static IReadOnlyList<byte[]> Handler { get; } = Frames(
        RawPeer.Frame(7, 0, 0x1_0000, "0001 01 61 0001 62"), RawPeer.Frame(4, 0, 0x1_0001, Hi), "0A 000002 00000000 0102", RawPeer.Frame(4, 0x10, 0x1_0000, "0A"),
        RawPeer.Frame(4, 0x10, 0x1_0001, "0A"), RawPeer.Frame(9, 0, 0x1_0001, "00000040"), RawPeer.Frame(4, 0x10, 0x1_0000, "02"), RawPeer.Frame(4, 0, 0x1_0001, "02 68 69"),
        RawPeer.Frame(4, 0x20, 0x1_0000, "68 69"), RawPeer.Frame(6, 0, 0x1_0001, "05 0002 68 69 0001 05 63 2D 62 69 6E 0001 FF"), "0C 000001 00000000 62",
        RawPeer.Frame(6, 0, 0x1_0000, "00 0000 0000"));

    private static IReadOnlyList<byte[]> Frames(params string[] hex) => [.. hex.Select(RawPeer.Bytes)];

    private static string Named(int number, string method) => RawPeer.Method(method).Replace(" 0001", $" {number:X4}", StringComparison.Ordinal);
}
