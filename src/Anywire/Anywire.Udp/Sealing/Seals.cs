using Anywire.Udp.Format;

namespace Anywire.Udp.Sealing;

/// <summary>The keys of one end of a sealed session. Keys come and go while datagrams are on their way: what was sealed with the one before is opened too.</summary>
internal sealed class Seals(KeyAgreement agreement, bool isCaller)
{
    private volatile Receiving? _receiving;
    private volatile SealKey? _sending;
    private SealKey? _next;

    /// <summary>What datagrams are sealed with; null as long as there is no key.</summary>
    public SealKey? Sending => _sending;

    /// <summary>The number that the next key has.</summary>
    public byte NextNumber => (byte)(((_receiving?.Current.Number ?? 0) % byte.MaxValue) + 1);

    /// <summary>Both sides have contributed to a key: what is sealed with it is opened from now on.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="callers">What the caller contributed.</param>
    /// <param name="handlers">What the handler did.</param>
    /// <param name="sendAtOnce">Whether it is also used for sending now; otherwise with the first datagram that the other side has sealed with it.</param>
    public void Install(byte number, ReadOnlySpan<byte> callers, ReadOnlySpan<byte> handlers, bool sendAtOnce)
    {
        var sending = agreement.Derive(number, callers, handlers, ofCaller: isCaller);
        _receiving = new Receiving(agreement.Derive(number, callers, handlers, ofCaller: !isCaller), _receiving?.Current);
        if (sendAtOnce)
        {
            _sending = sending;
            return;
        }
        Volatile.Write(ref _next, sending);
    }

    /// <summary>Opens a datagram in place.</summary>
    public bool TryOpen(in Datagram head, Span<byte> datagram)
    {
        if (head.Kind != DatagramKind.Sealed || datagram.Length < Datagram.HeadBytes + Datagram.TagBytes || _receiving is not { } receiving)
        {
            return false;
        }
        var key = head.Key == receiving.Current.Number ? receiving.Current : head.Key == receiving.Previous?.Number ? receiving.Previous : null;
        if (key is null || !key.TryOpen(datagram, head.Counter))
        {
            return false;
        }
        if (Volatile.Read(ref _next) is { } next && next.Number == head.Key)
        {
            // The other side has it, so it can open what is sealed with it.
            _sending = next;
            // Unless the one after it has come meanwhile.
            Interlocked.CompareExchange(ref _next, null, next);
        }
        return true;
    }

    private sealed record Receiving(SealKey Current, SealKey? Previous);
}
