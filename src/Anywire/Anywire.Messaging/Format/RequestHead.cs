using Grpc.Core;

namespace Anywire.Messaging.Format;

/// <summary>What a request says besides its body.</summary>
/// <param name="Method">The gRPC path of the method.</param>
/// <param name="Expiry">When the caller gives up, UTC; <see cref="DateTime.MaxValue"/> when it does not. Of an event, which does not expire, when it was sent.</param>
/// <param name="Credit">How many bytes of a stream may be sent before the caller has consumed any.</param>
/// <param name="Metadata">The caller's metadata.</param>
internal sealed record RequestHead(string Method, DateTime Expiry, int Credit, Metadata? Metadata)
{
    public void Write(MessageWriter writer) => writer
        .Text(Method)
        .UInt64(Expiry == DateTime.MaxValue ? 0 : (ulong)Math.Max(1, new DateTimeOffset(Expiry).ToUnixTimeMilliseconds()))
        .UInt32((uint)Credit)
        .Metadata(Metadata);

    public static RequestHead Read(MessageReader reader) =>
        new(reader.Text(), TimeOf(reader.UInt64()), (int)Math.Min(reader.UInt32(), int.MaxValue), reader.Metadata());

    private static DateTime TimeOf(ulong milliseconds) =>
        milliseconds == 0 || milliseconds > (ulong)DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? DateTime.MaxValue
            : DateTimeOffset.FromUnixTimeMilliseconds((long)milliseconds).UtcDateTime;
}
