namespace Anywire.Tcp.Tests.Bed;

/// <summary>A peer in memory: gives the bytes it was made with, and counts what it is told.</summary>
/// <param name="bytes">What it says.</param>
/// <param name="endsOpen">Whether it falls silent afterwards; otherwise it leaves.</param>
internal sealed class MemoryPeer(ReadOnlyMemory<byte> bytes, bool endsOpen) : Stream
{
    private ReadOnlyMemory<byte> _rest = bytes;
    private long _told;

    /// <summary>How many bytes it was told.</summary>
    public long Told => Volatile.Read(ref _told);

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
        var count = Math.Min(buffer.Length, _rest.Length);
        _rest[..count].CopyTo(buffer);
        _rest = _rest[count..];
        return new ValueTask<int>(count);
    }

    public override void Write(ReadOnlySpan<byte> buffer) => Interlocked.Add(ref _told, buffer.Length);

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Flush()
    {
        // Nothing is held back.
    }
}
