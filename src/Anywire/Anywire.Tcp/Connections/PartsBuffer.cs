using System.Buffers;

namespace Anywire.Tcp.Connections;

/// <summary>Bytes that come bit by bit, in arrays of the shared pool. What has come stays where it is: to copy four million bytes into a larger array holds up
/// everybody else on the connection. One thread at a time; disposing gives the arrays back.</summary>
internal sealed class PartsBuffer : IDisposable
{
    // As much as may be taken in vain, and more at once than a small pool of arrays can give.
    private const int MostOfOne = 1024 * 1024;

    private Segment? _first;
    private Segment? _last;

    /// <summary>How many bytes it holds.</summary>
    public int Count { get; private set; }

    /// <summary>What it holds; valid until it is added to or disposed.</summary>
    public ReadOnlySequence<byte> Written =>
        _first is null ? ReadOnlySequence<byte>.Empty : new ReadOnlySequence<byte>(_first, 0, _last!, _last!.Memory.Length);

    /// <summary>Adds bytes.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        Count += bytes.Length;
        bytes = bytes[(_last?.Fill(bytes) ?? 0)..];
        if (!bytes.IsEmpty)
        {
            // As much again as there is, and never for what is to come: a thousand first bytes take two thousand.
            var next = new Segment(Math.Max(bytes.Length, Math.Min(Count, MostOfOne)), _last);
            _first ??= next;
            _last = next;
            next.Fill(bytes);
        }
    }

    public void Dispose()
    {
        for (var segment = _first; segment is not null; segment = (Segment?)segment.Next)
        {
            segment.Return();
        }
        (_first, _last, Count) = (null, null, 0);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        private readonly byte[] _bytes;

        public Segment(int capacity, Segment? before)
        {
            _bytes = ArrayPool<byte>.Shared.Rent(capacity);
            if (before is not null)
            {
                RunningIndex = before.RunningIndex + before.Memory.Length;
                before.Next = this;
            }
        }

        /// <summary>Adds as much as fits.</summary>
        /// <returns>How many bytes that was.</returns>
        public int Fill(ReadOnlySpan<byte> bytes)
        {
            var held = Memory.Length;
            var count = Math.Min(bytes.Length, _bytes.Length - held);
            bytes[..count].CopyTo(_bytes.AsSpan(held));
            Memory = _bytes.AsMemory(0, held + count);
            return count;
        }

        public void Return() => ArrayPool<byte>.Shared.Return(_bytes);
    }
}
