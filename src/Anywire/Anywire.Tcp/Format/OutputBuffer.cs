using System.Buffers;
using System.Buffers.Binary;

namespace Anywire.Tcp.Format;

/// <summary>Bytes on their way out, in an array of the shared pool that grows as needed. One thread at a time; disposing gives the array back.</summary>
internal sealed class OutputBuffer(int capacity) : IBufferWriter<byte>, IDisposable
{
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(capacity);

    /// <summary>How many bytes it holds.</summary>
    public int Count { get; private set; }

    /// <summary>What it holds; valid until it is written to or disposed.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Count);

    /// <summary>As <see cref="Written"/>.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _bytes.AsMemory(0, Count);

    /// <summary>Forgets what it holds.</summary>
    /// <param name="keep">A larger array than this goes back to the pool.</param>
    public void Clear(int keep)
    {
        Count = 0;
        if (_bytes.Length > 2 * keep)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = ArrayPool<byte>.Shared.Rent(keep);
        }
    }

    /// <summary>Forgets what was written after it held so many bytes.</summary>
    public void CutTo(int count) => Count = count;

    /// <summary>Gives the array away and goes on with another.</summary>
    /// <returns>An array of the shared pool, now the caller's to return.</returns>
    public byte[] Detach(int capacity)
    {
        var bytes = _bytes;
        (_bytes, Count) = (ArrayPool<byte>.Shared.Rent(capacity), 0);
        return bytes;
    }

    public void Advance(int count) => Count += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _bytes.AsMemory(Count);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _bytes.AsSpan(Count);
    }

    /// <summary>Takes so many bytes to be written at once.</summary>
    public Span<byte> Take(int count)
    {
        Reserve(count);
        var span = _bytes.AsSpan(Count, count);
        Count += count;
        return span;
    }

    public void Byte(byte value) => Take(1)[0] = value;

    public void UInt16(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Take(2), value);

    public void UInt32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Take(4), value);

    public void Bytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        (_bytes, Count) = ([], 0);
    }

    private void Reserve(int count)
    {
        if (_bytes.Length - Count >= count)
        {
            return;
        }
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(checked(Count + count), 2 * _bytes.Length));
        Written.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}
