using System.Buffers.Binary;

namespace Anywire.Udp.Format;

/// <summary>Writes into a request that is there already: what differs each time it is sent.</summary>
internal static class MessagePatch
{
    public static void Call(Span<byte> request, ulong id) => BinaryPrimitives.WriteUInt64BigEndian(request[MessageWriter.HeadBytes..], id);

    public static void Remaining(Span<byte> request, TimeSpan remaining) => BinaryPrimitives.WriteUInt32BigEndian(
        request[(MessageWriter.HeadBytes + sizeof(ulong))..], (uint)Math.Clamp(Math.Ceiling(remaining.TotalMilliseconds), 0, Messages.NoDeadline - 1));
}
