using Grpc.Core;

namespace Anywire.Tcp.Format;

/// <summary>The metadata of the calls of one connection. Callers on a plain wire name themselves in each call: what is the same as the last
/// call's is neither parsed nor made anew. The reading thread uses it.</summary>
internal sealed class RequestMetadata
{
    /// <summary>The most bytes that are kept to be recognised: a caller's name and little else. What acts for a user or belongs to a trace is another's
    /// in the next call, and keeping it would be in vain.</summary>
    public const int MaxKept = 64;

    private byte[] _last = [0, 0];
    private Metadata.Entry[]? _entries;

    /// <summary>Reads what is next in a payload.</summary>
    /// <returns>Shared by calls: not to be changed. Null when there are none.</returns>
    /// <exception cref="ProtocolException">It is none, or too much.</exception>
    public Metadata.Entry[]? Read(ref PayloadReader reader)
    {
        var rest = reader.Rest;
        // Every length stands before what it counts, so what begins with the same bytes is the same.
        if (rest.StartsWith(_last))
        {
            reader.Bytes(_last.Length);
            return _entries;
        }
        var entries = MetadataFormat.ReadEntries(ref reader);
        var read = rest[..^reader.Rest.Length];
        if (read.Length <= MaxKept)
        {
            (_last, _entries) = (read.ToArray(), entries);
        }
        return entries;
    }
}
