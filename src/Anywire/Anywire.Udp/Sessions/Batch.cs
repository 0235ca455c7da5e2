using Anywire.Udp.Format;
using Anywire.Udp.Sealing;

namespace Anywire.Udp.Sessions;

/// <summary>Datagrams that go together: messages are written where they will be sent from. One thread at a time.</summary>
internal sealed class Batch
{
    /// <summary>What one call of the kernel takes: less than 65,507 bytes.</summary>
    public const int MaxDatagrams = 48;

    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(MaxDatagrams * Datagram.MaxBytes, pinned: true);
    private readonly int[] _lengths = new int[MaxDatagrams];

    /// <summary>How many datagrams it holds.</summary>
    public int Count { get; private set; }

    /// <summary>How many messages they hold.</summary>
    public int Messages { get; private set; }

    /// <summary>Whether all but the last have full size, so that the kernel can cut <see cref="All"/> into them.</summary>
    public bool IsPadded { get; private set; }

    /// <summary>All of it, when it is padded.</summary>
    public ReadOnlySpan<byte> All => _bytes.AsSpan(0, (Count - 1) * Datagram.MaxBytes + _lengths[Count - 1]);

    /// <summary>One of the datagrams, once they are sealed.</summary>
    public ReadOnlySpan<byte> this[int index] => _bytes.AsSpan(index * Datagram.MaxBytes, _lengths[index]);

    /// <summary>Adds a message; false when there is no room.</summary>
    public bool TryAdd(ReadOnlySpan<byte> message)
    {
        const int End = Datagram.HeadBytes + Datagram.MessageBytes;
        if (Count == 0 || _lengths[Count - 1] + message.Length > End)
        {
            if (Count == MaxDatagrams)
            {
                return false;
            }
            _lengths[Count++] = Datagram.HeadBytes;
        }
        ref var length = ref _lengths[Count - 1];
        message.CopyTo(_bytes.AsSpan((Count - 1) * Datagram.MaxBytes + length));
        length += message.Length;
        Messages++;
        return true;
    }

    /// <summary>Gives the datagrams their heads and seals them; nothing more may be added.</summary>
    /// <param name="session">Their session.</param>
    /// <param name="counter">The counter of the first.</param>
    /// <param name="key">What they are sealed with; null on a plain wire.</param>
    /// <param name="isPadded">Whether all but the last get full size.</param>
    public void Seal(uint session, ulong counter, SealKey? key, bool isPadded)
    {
        IsPadded = isPadded;
        for (var i = 0; i < Count; i++)
        {
            var datagram = _bytes.AsSpan(i * Datagram.MaxBytes, Datagram.MaxBytes);
            ref var length = ref _lengths[i];
            var end = isPadded && i < Count - 1 ? Datagram.MaxBytes - (key is null ? 0 : Datagram.TagBytes) : length;
            datagram[length..end].Clear();
            length = key is null ? end : end + Datagram.TagBytes;
            new Datagram(key is null ? DatagramKind.Plain : DatagramKind.Sealed, key?.Number ?? 0, session, counter + (uint)i).Write(datagram);
            key?.Seal(datagram[..length], counter + (uint)i);
        }
    }

    public void Clear() => (Count, Messages, IsPadded) = (0, 0, false);
}
