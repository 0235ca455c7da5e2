using System.Buffers;
using System.Collections.Frozen;
using Grpc.Core;

namespace Anywire.Http.Mapping;

/// <summary>Metadata as HTTP headers: the key is the header's name, the value of a key that ends in <c>-bin</c> is base64. Trailers of a call
/// without a stream are headers with a prefix, because HTTP/1.1 and browsers have no trailers to speak of.</summary>
internal static class MetadataHeaders
{
    /// <summary>What stands before the key of a trailer.</summary>
    public const string TrailerPrefix = "trailer-";

    // What a key of metadata may be made of (gRPC, PROTOCOL-HTTP2.md); HTTP allows more.
    private static readonly SearchValues<char> KeyCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.");

    // HTTP's own business, and what this mapping takes for itself.
    private static readonly FrozenSet<string> Reserved = new[]
    {
        "accept", "accept-charset", "accept-encoding", "accept-language", "age", "allow", "alt-svc", "cache-control", "connection", "content-encoding", "content-length",
        "content-type", "date", "expect", "host", "keep-alive", "location", "proxy-authenticate", "proxy-authorization", "proxy-connection", "retry-after",
        "server", "te", "trailer", "transfer-encoding", "upgrade", "user-agent", "vary", "via", "www-authenticate", GrpcTimeout.Header,
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a header's name is HTTP's own, so that it is no metadata and metadata may not use it.</summary>
    public static bool IsReserved(string name) => name.Length == 0 || name[0] == ':' || Reserved.Contains(name);

    public static string ValueOf(Metadata.Entry entry) => entry.IsBinary ? Convert.ToBase64String(entry.ValueBytes) : entry.Value;

    /// <summary>Takes one header into metadata; what cannot be metadata is left out.</summary>
    public static void Add(Metadata metadata, string name, string value)
    {
        if (name.AsSpan().ContainsAnyExcept(KeyCharacters))
        {
            return;
        }
        if (!name.EndsWith(Metadata.BinaryHeaderSuffix, StringComparison.OrdinalIgnoreCase))
        {
            metadata.Add(name, value);
            return;
        }
        // A repeated key may come joined by commas, which base64 has none of.
        foreach (var part in value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (TryDecode(part, out var bytes))
            {
                metadata.Add(name, bytes);
            }
        }
    }

    private static bool TryDecode(string base64, out byte[] bytes)
    {
        // gRPC lets senders leave the padding out.
        var padded = base64.PadRight((base64.Length + 3) / 4 * 4, '=');
        bytes = new byte[padded.Length / 4 * 3];
        var isBase64 = Convert.TryFromBase64String(padded, bytes, out var length);
        Array.Resize(ref bytes, length);
        return isBase64;
    }
}
