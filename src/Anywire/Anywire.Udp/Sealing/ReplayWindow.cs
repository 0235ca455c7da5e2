using System.Numerics;

namespace Anywire.Udp.Sealing;

/// <summary>Remembers which of the last 2,048 datagrams came: each is taken once, and what is older or far ahead is refused. It also knows how many never came. One thread at a time.</summary>
internal sealed class ReplayWindow
{
    public const int Size = 2_048;

    /// <summary>So far above the highest that came nothing genuine is: whoever sends it wants what came forgotten. It is also the most that one datagram can have counted as lost.</summary>
    public const ulong MostAhead = 1UL << 32;

    private const int WordBits = 64;

    private readonly ulong[] _came = new ulong[Size / WordBits];

    // The counter that would be next if nothing were missing.
    private ulong _next;
    private ulong _received;
    private ulong _lost;

    /// <summary>The highest counter that came, plus one.</summary>
    public ulong Next => Volatile.Read(ref _next);

    /// <summary>How many different datagrams came.</summary>
    public ulong Received => Volatile.Read(ref _received);

    /// <summary>How many did not come, and will not be taken any more.</summary>
    public ulong Lost => Volatile.Read(ref _lost);

    /// <summary>Whether a datagram would be taken. Nothing is changed: it may be forged.</summary>
    public bool IsNew(ulong counter) =>
        counter >= _next ? counter - _next < MostAhead && counter != ulong.MaxValue : _next - counter <= Size && (_came[WordOf(counter)] & BitOf(counter)) == 0;

    /// <summary>Takes a datagram that is new and genuine.</summary>
    public void Take(ulong counter)
    {
        if (counter >= _next)
        {
            Slide(counter + 1);
        }
        _came[WordOf(counter)] |= BitOf(counter);
        Volatile.Write(ref _received, _received + 1);
    }

    private static int WordOf(ulong counter) => (int)(counter % Size / WordBits);

    private static ulong BitOf(ulong counter) => 1UL << (int)(counter % WordBits);

    private void Slide(ulong next)
    {
        var advance = next - _next;
        if (advance > Size)
        {
            // Everything between the window as it was and as it will be never came.
            var here = (ulong)_came.Sum(BitOperations.PopCount);
            Volatile.Write(ref _lost, _lost + (Math.Min(_next, Size) - here) + (advance - Size));
            Array.Clear(_came);
        }
        else
        {
            var lost = _lost;
            for (var counter = _next; counter < next; counter++)
            {
                ref var word = ref _came[WordOf(counter)];
                var bit = BitOf(counter);
                // Where the new one will stand stood one that is 2,048 older.
                if (counter >= Size && (word & bit) == 0)
                {
                    lost++;
                }
                word &= ~bit;
            }
            Volatile.Write(ref _lost, lost);
        }
        Volatile.Write(ref _next, next);
    }
}
