using System.Text;
using Grpc.Core;

namespace Anywire.Tcp.Format;

/// <summary>How a call ended, in bytes: code (1 byte), length of the detail (2), the detail, trailers.</summary>
internal static class StatusFormat
{
    /// <summary>The most bytes of a detail; a longer one is cut.</summary>
    public const int MaxDetailBytes = 8 * 1024;

    public static void Write(OutputBuffer output, Status status, Metadata? trailers)
    {
        var start = output.Count;
        // A handler can make up any; a peer that hears of one which gRPC does not have takes the connection for broken.
        output.Byte((uint)status.StatusCode > (uint)StatusCode.Unauthenticated ? (byte)StatusCode.Unknown : (byte)status.StatusCode);
        var detail = Cut(status.Detail ?? "");
        output.UInt16((ushort)Encoding.UTF8.GetByteCount(detail));
        Encoding.UTF8.GetBytes(detail, output.Take(Encoding.UTF8.GetByteCount(detail)));
        if (!MetadataFormat.TryWrite(output, trailers))
        {
            output.CutTo(start);
            Write(output, new Status(
                StatusCode.ResourceExhausted,
                $"The call ended as {status.StatusCode}, and its trailers are more than a frame holds ({MetadataFormat.MaxBytes:N0} bytes, {MetadataFormat.MaxEntries} entries)."), null);
        }
    }

    public static (Status Status, Metadata? Trailers) Read(ReadOnlySpan<byte> payload)
    {
        var reader = new PayloadReader(payload);
        var code = reader.Byte();
        if (code > (byte)StatusCode.Unauthenticated)
        {
            throw new ProtocolException($"there is no status {code}");
        }
        var detail = reader.Text(reader.UInt16());
        return (new Status((StatusCode)code, detail), MetadataFormat.Read(ref reader));
    }

    private static string Cut(string detail)
    {
        // Three bytes at most for each UTF-16 code unit.
        if (detail.Length <= MaxDetailBytes / 3)
        {
            return detail;
        }
        var cut = MaxDetailBytes / 3;
        return detail[..(char.IsHighSurrogate(detail[cut - 1]) ? cut - 1 : cut)];
    }
}
