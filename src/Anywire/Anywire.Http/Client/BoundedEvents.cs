using System.Buffers;
using Grpc.Core;

namespace Anywire.Http.Client;

/// <summary>A stream of server-sent events that refuses one which is too long, before it is held in memory: an event is all lines up to an empty one (WHATWG HTML,
/// section 9.2.6). Comments do not count once their line has ended, as nobody keeps them.</summary>
internal sealed class BoundedEvents(Stream inner, int maxBytes, Func<long, RpcException> tooLong) : Stream
{
    private static readonly SearchValues<byte> LineEnds = SearchValues.Create((byte)'\n', (byte)'\r');

    private long _eventBytes;
    private long _lineBytes;
    private bool _isComment;
    private bool _endedWithReturn;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        Count(buffer.Span[..read]);
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count)
    {
        var read = inner.Read(buffer, offset, count);
        Count(buffer.AsSpan(offset, read));
        return read;
    }

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private void Count(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_endedWithReturn && bytes[0] == '\n')
            {
                // The rest of a line's end.
                _endedWithReturn = false;
                bytes = bytes[1..];
                continue;
            }
            _isComment = _lineBytes == 0 ? bytes[0] == ':' : _isComment;
            var end = bytes.IndexOfAny(LineEnds);
            _lineBytes += end < 0 ? bytes.Length : end;
            if (_eventBytes + _lineBytes > maxBytes)
            {
                throw tooLong(_eventBytes + _lineBytes);
            }
            if (end < 0)
            {
                _endedWithReturn = false;
                return;
            }
            EndLine();
            _endedWithReturn = bytes[end] == '\r';
            bytes = bytes[(end + 1)..];
        }
    }

    private void EndLine()
    {
        // An empty line ends the event. The end of any other counts too: each might be a short one of many.
        _eventBytes = _lineBytes == 0 ? 0 : _isComment ? _eventBytes : _eventBytes + _lineBytes + 1;
        _lineBytes = 0;
    }
}
