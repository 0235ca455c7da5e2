namespace Anywire.Http;

/// <summary>The most bytes a body may have whose message a contract limits.</summary>
internal static class SizeBounds
{
    // JSON spells out what protobuf numbers: names, and bytes in base64.
    private const int JsonFactor = 4;
    private const int JsonExtra = 64 * 1024;

    public static int OfBody(int maxMessageBytes, bool isProtobuf) =>
        isProtobuf ? maxMessageBytes : (int)Math.Min(int.MaxValue / 2, ((long)maxMessageBytes * JsonFactor) + JsonExtra);
}
