namespace Anywire.Tcp.Tests.Bed;

/// <summary>A peer in memory: says what it was made with, and does not listen.</summary>
/// <param name="bytes">What it says.</param>
/// <param name="atOnce">How many bytes arrive together.</param>
/// <param name="endsOpen">Whether it falls silent afterwards; otherwise it leaves.</param>
internal sealed class MemoryPeer(ReadOnlyMemory<byte> bytes, int atOnce = int.MaxValue, bool endsOpen = false) : Stream
{
    private ReadOnlyMemory<byte> _rest = bytes;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_rest.IsEmpty && endsOpen)
        {
            return new ValueTask<int>(new TaskCompletionSource<int>().Task);
        }
        var count = Math.Min(Math.Min(buffer.Length, _rest.Length), atOnce);
        _rest[..count].CopyTo(buffer);
        _rest = _rest[count..];
        return new ValueTask<int>(count);
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        // It does not listen.
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Flush()
    {
        // Nothing is held back.
    }
}
