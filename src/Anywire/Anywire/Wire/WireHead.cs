using Grpc.Core;

namespace Anywire.Wire;

/// <summary>The payloads of the frames that are not messages, as length-prefixed strings and numbers.</summary>
internal static class WireHead
{
    public static byte[] Request(string method, TimeSpan? remaining, Metadata? metadata) => Write(writer =>
    {
        writer.Write(method);
        writer.Write(remaining is { } left ? Math.Max(left.Ticks, 0) : -1);
        Write(writer, metadata);
    });

    public static (string Method, TimeSpan? Remaining, Metadata Metadata) ReadRequest(byte[] payload)
    {
        using var reader = new BinaryReader(new MemoryStream(payload));
        var method = reader.ReadString();
        var ticks = reader.ReadInt64();
        return (method, ticks < 0 ? null : TimeSpan.FromTicks(ticks), ReadMetadata(reader));
    }

    public static byte[] Headers(Metadata metadata) => Write(writer => Write(writer, metadata));

    public static Metadata ReadHeaders(byte[] payload)
    {
        using var reader = new BinaryReader(new MemoryStream(payload));
        return ReadMetadata(reader);
    }

    public static byte[] Trailers(Status status, Metadata metadata) => Write(writer =>
    {
        writer.Write((int)status.StatusCode);
        writer.Write(status.Detail ?? "");
        Write(writer, metadata);
    });

    public static (Status Status, Metadata Metadata) ReadTrailers(byte[] payload)
    {
        using var reader = new BinaryReader(new MemoryStream(payload));
        var status = new Status((StatusCode)reader.ReadInt32(), reader.ReadString());
        return (status, ReadMetadata(reader));
    }

    private static byte[] Write(Action<BinaryWriter> write)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        write(writer);
        writer.Flush();
        return stream.ToArray();
    }

    private static void Write(BinaryWriter writer, Metadata? metadata)
    {
        writer.Write(metadata?.Count ?? 0);
        foreach (var entry in metadata ?? [])
        {
            writer.Write(entry.Key);
            var value = entry.IsBinary ? entry.ValueBytes : System.Text.Encoding.UTF8.GetBytes(entry.Value);
            writer.Write(value.Length);
            writer.Write(value);
        }
    }

    private static Metadata ReadMetadata(BinaryReader reader)
    {
        var metadata = new Metadata();
        for (var count = reader.ReadInt32(); count > 0; count--)
        {
            var key = reader.ReadString();
            var value = reader.ReadBytes(reader.ReadInt32());
            metadata.Add(key.EndsWith(Metadata.BinaryHeaderSuffix, StringComparison.Ordinal)
                ? new Metadata.Entry(key, value)
                : new Metadata.Entry(key, System.Text.Encoding.UTF8.GetString(value)));
        }
        return metadata;
    }
}
