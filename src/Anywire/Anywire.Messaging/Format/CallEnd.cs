using Grpc.Core;

namespace Anywire.Messaging.Format;

/// <summary>How a call ended.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Trailers">Its trailers.</param>
/// <param name="Items">How many messages its stream had; 0 for a call without one.</param>
/// <param name="HasReply">Whether the body is its reply.</param>
internal sealed record CallEnd(Status Status, Metadata Trailers, uint Items, bool HasReply)
{
    public void Write(MessageWriter writer) => writer
        .Byte((byte)Status.StatusCode)
        .Text(Status.Detail ?? "")
        .Metadata(Trailers)
        .UInt32(Items)
        .Byte(HasReply ? (byte)1 : (byte)0);

    public static CallEnd Read(MessageReader reader)
    {
        var code = reader.Byte();
        var status = new Status(code <= (byte)StatusCode.Unauthenticated ? (StatusCode)code : StatusCode.Unknown, reader.Text());
        return new CallEnd(status, reader.Metadata(), reader.UInt32(), reader.Byte() == 1);
    }
}
