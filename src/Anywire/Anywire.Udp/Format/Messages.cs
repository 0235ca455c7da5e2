using Grpc.Core;

namespace Anywire.Udp.Format;

/// <summary>The messages that have no body of a method.</summary>
internal static class Messages
{
    public const uint NoDeadline = uint.MaxValue;

    /// <summary>As many calls of a session may be under way; the rest of a call's number by this is its place.</summary>
    public const int Places = 16_384;

    /// <summary>End has a reply.</summary>
    public const byte HasReply = 1;

    /// <summary>End has the response headers.</summary>
    public const byte HasHeaders = 2;

    public static void Report(this MessageWriter writer, ulong next, ulong received, uint kernelDrops, int window) =>
        writer.Begin(MessageKind.Report).UInt64(next).UInt64(received).UInt32(kernelDrops).UInt32((uint)window);

    public static void OfCall(this MessageWriter writer, MessageKind kind, ulong call) => writer.Begin(kind).UInt64(call);

    public static void Leaving(this MessageWriter writer, bool hasGone) => writer.Begin(MessageKind.Leaving).Byte(hasGone ? (byte)1 : (byte)0);

    /// <summary>A call that is not answered, up to its body.</summary>
    public static MessageWriter Event(this MessageWriter writer, uint method, Metadata? metadata) =>
        writer.Begin(MessageKind.Event).UInt32(method).Metadata(metadata);

    /// <summary>A call that is answered, up to its body.</summary>
    public static MessageWriter Request(this MessageWriter writer, ulong call, uint remaining, uint method, Metadata? metadata) =>
        writer.Begin(MessageKind.Request).UInt64(call).UInt32(remaining).UInt32(method).Metadata(metadata);

    /// <summary>How a call ended, up to its reply.</summary>
    public static MessageWriter End(this MessageWriter writer, ulong call, Status status, Metadata? headers, Metadata? trailers, bool hasReply)
    {
        writer.Begin(MessageKind.End).UInt64(call).Byte((byte)status.StatusCode)
            .Byte((byte)((hasReply ? HasReply : 0) | (headers is null ? 0 : HasHeaders))).Text(status.Detail ?? "");
        if (headers is not null)
        {
            writer.Metadata(headers);
        }
        return writer.Metadata(trailers);
    }

    /// <summary>How a call failed, with as much of what is to be said about it as a datagram has room for: the message before the trailers, the trailers before the headers.</summary>
    public static void Failure(this MessageWriter writer, ulong call, Status status, Metadata? headers, Metadata? trailers)
    {
        const int MostOfMessage = 700;
        var detail = status.Detail ?? "";
        while (System.Text.Encoding.UTF8.GetByteCount(detail) > MostOfMessage)
        {
            var cut = Math.Min(detail.Length - 1, MostOfMessage);
            detail = detail[..(char.IsHighSurrogate(detail[cut - 1]) ? cut - 1 : cut)];
        }
        if (headers is not null)
        {
            try
            {
                writer.End(call, new Status(status.StatusCode, detail), headers, trailers, hasReply: false);
                if (writer.Fits)
                {
                    return;
                }
            }
            catch (RpcException)
            {
                // Some of it never fits.
            }
        }
        writer.Begin(MessageKind.End).UInt64(call).Byte((byte)status.StatusCode).Byte(0).Text(detail).MetadataThatFits(trailers ?? [], Datagram.MessageBytes);
    }
}
