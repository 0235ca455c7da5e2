using System.Threading.Channels;

namespace Anywire.Tcp.Tests.Bed;

/// <summary>A peer in memory that is silent until a test answers the read which waits.</summary>
internal sealed class AskedPeer : Stream
{
    private readonly Channel<Waiting> _reads = Channel.CreateUnbounded<Waiting>();

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>The next read.</summary>
    public async Task<Waiting> NextAsync() => await _reads.Reader.ReadAsync().AsTask().Soon();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = new Waiting(buffer);
        _reads.Writer.TryWrite(read);
        return new ValueTask<int>(read.Count.Task);
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

    /// <summary>A read that waits.</summary>
    /// <param name="Buffer">Where to.</param>
    internal sealed record Waiting(Memory<byte> Buffer)
    {
        /// <summary>How much it got.</summary>
        public TaskCompletionSource<int> Count { get; } = new();

        /// <summary>Answers it.</summary>
        public void Answer(ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(Buffer.Span);
            Count.SetResult(bytes.Length);
        }
    }
}
