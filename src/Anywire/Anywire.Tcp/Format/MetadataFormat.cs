using System.Buffers;
using System.Text;
using Grpc.Core;

namespace Anywire.Tcp.Format;

/// <summary>Metadata in bytes: how many entries (2 bytes), then of each the length of its key (1), the key, the length of its value (2), the value.</summary>
internal static class MetadataFormat
{
    /// <summary>The most bytes of all metadata of a frame.</summary>
    public const int MaxBytes = 16 * 1024;

    /// <summary>The most entries.</summary>
    public const int MaxEntries = 256;

    private const int MinEntryBytes = 3;

    // Those that gRPC allows, as they are on its wire.
    private static readonly SearchValues<byte> KeyBytes = SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyz._-"u8);

    /// <summary>Writes it.</summary>
    /// <returns>False when it is more than a frame may hold; what was written then makes no sense.</returns>
    public static bool TryWrite(OutputBuffer output, Metadata? metadata)
    {
        var start = output.Count;
        var count = metadata?.Count ?? 0;
        if (count > MaxEntries)
        {
            return false;
        }
        output.UInt16((ushort)count);
        for (var i = 0; i < count; i++)
        {
            if (!TryWrite(output, metadata![i]) || output.Count - start > MaxBytes)
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Reads it; null when there is none.</summary>
    public static Metadata? Read(ref PayloadReader reader) => ReadEntries(ref reader) is { } entries ? [.. entries] : null;

    /// <summary>As <see cref="Read"/>, for who may not need a <see cref="Metadata"/>.</summary>
    public static Metadata.Entry[]? ReadEntries(ref PayloadReader reader)
    {
        var count = reader.UInt16();
        if (count == 0)
        {
            return null;
        }
        if (count > MaxEntries)
        {
            throw new ProtocolException($"a frame has {count} entries of metadata, and at most {MaxEntries} are allowed");
        }
        var before = reader.Rest.Length;
        // What is announced is not believed: an entry is its two lengths at least, and whoever has fewer bytes is refused below.
        var entries = new Metadata.Entry[Math.Min(count, before / MinEntryBytes)];
        for (var i = 0; i < count; i++)
        {
            entries[i] = ReadEntry(ref reader);
            if (before - reader.Rest.Length > MaxBytes)
            {
                throw new ProtocolException($"a frame has more than {MaxBytes:N0} bytes of metadata");
            }
        }
        return entries;
    }

    private static bool TryWrite(OutputBuffer output, Metadata.Entry entry)
    {
        var size = entry.IsBinary ? entry.ValueBytes.Length : Encoding.UTF8.GetByteCount(entry.Value);
        if (entry.Key.Length is 0 or > byte.MaxValue || size > MaxBytes)
        {
            return false;
        }
        output.Byte((byte)entry.Key.Length);
        Encoding.ASCII.GetBytes(entry.Key, output.Take(entry.Key.Length));
        output.UInt16((ushort)size);
        var value = output.Take(size);
        if (entry.IsBinary)
        {
            entry.ValueBytes.CopyTo(value);
        }
        else
        {
            Encoding.UTF8.GetBytes(entry.Value, value);
        }
        return true;
    }

    private static Metadata.Entry ReadEntry(ref PayloadReader reader)
    {
        var name = reader.Bytes(reader.Byte());
        // Whoever makes an entry of it is laxer.
        if (name.IsEmpty || name.ContainsAnyExcept(KeyBytes))
        {
            throw new ProtocolException("a frame has metadata with a key that is none");
        }
        var key = Encoding.ASCII.GetString(name);
        var value = reader.Bytes(reader.UInt16());
        return key.EndsWith(Metadata.BinaryHeaderSuffix, StringComparison.Ordinal)
            ? new Metadata.Entry(key, value.ToArray())
            : new Metadata.Entry(key, Encoding.UTF8.GetString(value));
    }
}
