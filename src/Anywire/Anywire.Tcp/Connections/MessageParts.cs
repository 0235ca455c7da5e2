using Anywire.Tcp.Format;

namespace Anywire.Tcp.Connections;

/// <summary>Puts the messages of one call together that came in several frames. One thread at a time; end it with <see cref="Clear"/>.</summary>
internal sealed class MessageParts
{
    private OutputBuffer? _parts;

    /// <summary>Adds the payload of a frame.</summary>
    /// <param name="payload">What came.</param>
    /// <param name="isLast">Whether it ends the message.</param>
    /// <param name="limit">The most bytes of a message.</param>
    /// <param name="message">The whole message; valid until the next call. Empty as long as there is more to come.</param>
    /// <returns>How many bytes came beyond the limit, of which nothing was kept; 0 when it is kept.</returns>
    public int Add(ReadOnlyMemory<byte> payload, bool isLast, int limit, out ReadOnlyMemory<byte> message)
    {
        message = default;
        var size = (_parts?.Count ?? 0) + payload.Length;
        if (size > limit)
        {
            Clear();
            return size;
        }
        if (isLast && _parts is null)
        {
            message = payload;
            return 0;
        }
        _parts ??= new OutputBuffer(2 * FrameHeader.MaxPayload);
        _parts.Bytes(payload.Span);
        if (isLast)
        {
            message = _parts.WrittenMemory;
        }
        return 0;
    }

    /// <summary>Forgets what it has; to be called after a whole message was used, and at the end.</summary>
    public void Clear()
    {
        _parts?.Dispose();
        _parts = null;
    }
}
