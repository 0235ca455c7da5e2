using System.Net.Sockets;
using Anywire.Udp.Format;
using Anywire.Udp.Sealing;
using Anywire.Udp.Sockets;

namespace Anywire.Udp.Sessions;

/// <summary>What one end knows of a pair of starts of two services: what it sends and with which counters, what came, and with which keys. Any thread may send; one at a
/// time takes what comes.</summary>
internal abstract class Session(uint id, Seals? seals, UdpSocket socket, BatchPool pool)
{
    private readonly Lock _sending = new();
    private ulong _counter;
    private ulong _keyStart;
    private SealKey? _lastKey;
    private bool _cannotCut;

    public uint Id => id;

    /// <summary>Its keys; null on a plain wire.</summary>
    public Seals? Seals => seals;

    /// <summary>What came, and what is missing.</summary>
    public ReplayWindow Window { get; } = new();

    /// <summary>The counter of the next datagram that is sent.</summary>
    public ulong NextCounter => Volatile.Read(ref _counter);

    protected UdpSocket Socket => socket;

    protected BatchPool Pool => pool;

    /// <summary>Where datagrams go; null where the socket goes to one address only.</summary>
    protected abstract PeerAddress? Remote { get; }

    /// <summary>Opens a datagram of this session in place; null when it is new and genuine, otherwise what is wrong with it.</summary>
    public string? Open(in Datagram head, Memory<byte> datagram, MessageReader messages)
    {
        if (!Window.IsNew(head.Counter))
        {
            return "replayed";
        }
        if (seals is null ? head.Kind != DatagramKind.Plain : !seals.TryOpen(head, datagram.Span))
        {
            return "forged";
        }
        Window.Take(head.Counter);
        messages.Open(seals is null ? datagram[Datagram.HeadBytes..] : datagram[Datagram.HeadBytes..^Datagram.TagBytes]);
        return null;
    }

    /// <summary>Seals a batch, sends it and gives it back.</summary>
    /// <returns>What the kernel had against it; null when it took it.</returns>
    protected SocketException? Send(Batch batch)
    {
        lock (_sending)
        {
            try
            {
                var key = seals?.Sending;
                if (seals is not null && (key is null || IsWornOut(key, batch.Count)))
                {
                    return new SocketException((int)SocketError.AccessDenied);
                }
                batch.Seal(id, _counter, key, isPadded: batch.Count > 1 && socket.Segments && !_cannotCut);
                Volatile.Write(ref _counter, _counter + (uint)batch.Count);
                Hand(batch);
                return null;
            }
            catch (SocketException error)
            {
                return error;
            }
            catch (ObjectDisposedException)
            {
                return new SocketException((int)SocketError.OperationAborted);
            }
            finally
            {
                pool.Return(batch);
            }
        }
    }

    private void Hand(Batch batch)
    {
        try
        {
            _cannotCut |= !socket.Send(batch, Remote);
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionRefused && seals is not null)
        {
            // Said of something that was sent before, and by anybody (ICMP): whether the handler is there its control connection tells. The same bytes again, so a nonce does not come twice.
            _cannotCut |= !socket.Send(batch, Remote);
        }
    }

    /// <summary>How many datagrams the key in use has sealed.</summary>
    public ulong SealedByKey
    {
        get
        {
            // First, for the counter never stands below it.
            var start = Volatile.Read(ref _keyStart);
            return Volatile.Read(ref _counter) - start;
        }
    }

    // A nonce is a counter of the session, so it never comes twice under a key; but no key may seal too much.
    private bool IsWornOut(SealKey key, int count)
    {
        if (!ReferenceEquals(key, _lastKey))
        {
            _lastKey = key;
            Volatile.Write(ref _keyStart, _counter);
        }
        return _counter - _keyStart + (uint)count > SealKey.MostDatagrams;
    }
}
