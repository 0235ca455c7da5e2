using System.Threading.Channels;

namespace Anywire.Tcp.Tests.Bed;

/// <summary>A peer in memory that is silent until a test answers the read which waits.</summary>
internal sealed class AskedPeer : DeafPeer
{
    private readonly Channel<Waiting> _reads = Channel.CreateUnbounded<Waiting>();

    /// <summary>The next read.</summary>
    public async Task<Waiting> NextAsync() => await _reads.Reader.ReadAsync().AsTask().Soon();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = new Waiting(buffer);
        _reads.Writer.TryWrite(read);
        return new ValueTask<int>(read.Count.Task);
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
