using System.Buffers;
using System.Buffers.Binary;
using Anywire.Http.Server;

namespace Anywire.Http.Client;

/// <summary>A stream in protobuf, as frames.</summary>
internal sealed class FrameParts<T>(HttpResponseMessage response, Stream stream, MethodReplies<T> replies) : ReplyParts<T>(response, replies)
    where T : class
{
    private readonly byte[] _head = new byte[ReplyStream.FrameHeadBytes];

    protected override async Task<T?> ReadAsync(CancellationToken cancellationToken)
    {
        if (await stream.ReadAtLeastAsync(_head, _head.Length, throwOnEndOfStream: false, cancellationToken) < _head.Length)
        {
            throw BrokenOff();
        }
        var length = BinaryPrimitives.ReadUInt32BigEndian(_head.AsSpan(1));
        if (length > Replies.MaxPartBytes(isProtobuf: true))
        {
            throw Replies.TooLarge(length);
        }
        var payload = ArrayPool<byte>.Shared.Rent((int)length);
        try
        {
            if (await stream.ReadAtLeastAsync(payload.AsMemory(0, (int)length), (int)length, throwOnEndOfStream: false, cancellationToken) < length)
            {
                throw BrokenOff();
            }
            var body = new ReadOnlySequence<byte>(payload, 0, (int)length);
            if (_head[0] != ReplyStream.EndFlag)
            {
                return Parse(body, isProtobuf: true);
            }
            End(body);
            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(payload);
        }
    }
}
