using Anywire.Udp.Format;
using Anywire.Udp.Sealing;
using Anywire.Udp.Sessions;
using Anywire.Udp.Sockets;

namespace Anywire.Udp.Server;

/// <summary>The handler's end of a session. Any thread may answer.</summary>
internal sealed class ServerSession(uint id, string? caller, Seals? seals, UdpSocket socket, BatchPool pool, Action<ServerSession> schedule)
    : Session(id, seals, socket, pool), IThreadPoolWorkItem
{
    // Often enough that a window which was made small by losses does not stand still.
    private const int ReportEvery = 64;

    private readonly Lock _lock = new();
    private readonly MessageWriter _writer = new();
    private volatile PeerAddress? _remote;
    private Batch? _batch;
    private bool _isScheduled;
    private ulong _reported;
    private long _unsent;

    /// <summary>The calling service, as its certificate names it; null on a plain wire, where it can only claim to be one.</summary>
    public string? Caller => caller;

    /// <summary>The calls it has brought, answered or not.</summary>
    public CallMemory Calls { get; } = new();

    /// <summary>Its caller has gone: only what nobody answers is still taken.</summary>
    public bool HasEnded { get; set; }

    /// <summary>When something came last.</summary>
    public long HeardAt { get; set; }

    /// <summary>Which caller's start it belongs to, on a plain wire.</summary>
    public ulong Instance { get; init; }

    /// <summary>How many datagrams could not be sent.</summary>
    public long Unsent => Volatile.Read(ref _unsent);

    protected override PeerAddress? Remote => _remote;

    /// <summary>The address that the newest datagram came from: answers go there, wherever the caller was before.</summary>
    public void HearFrom(PeerAddress from)
    {
        if (_remote?.IsSame(from) != true)
        {
            _remote = from.Copy();
        }
    }

    /// <summary>Writes a message and sends it with others that are on their way.</summary>
    public void Add<T>(T what, Action<MessageWriter, T> write)
    {
        lock (_lock)
        {
            write(_writer, what);
            Put(_writer.Finish());
        }
        Schedule();
    }

    /// <summary>Sends a message that is there already.</summary>
    public void Add(ReadOnlySpan<byte> message)
    {
        lock (_lock)
        {
            Put(message);
        }
        Schedule();
    }

    /// <summary>Tells the caller what came, when enough has since it was told last.</summary>
    /// <param name="most">How many datagrams may be on their way to here.</param>
    /// <param name="isAsked">Whether the caller asked.</param>
    public void Report(int most, bool isAsked)
    {
        var received = Window.Received;
        if (!isAsked && received - _reported < (uint)Math.Min(most / 8, ReportEvery))
        {
            return;
        }
        _reported = received;
        Add((Window.Next, received, Socket.KernelDrops, most), static (writer, r) => writer.Report(r.Next, r.received, r.KernelDrops, r.most));
        // The socket may not run dry as long as its caller may send, and that is what this is about.
        Flush();
    }

    /// <summary>Sends what waits.</summary>
    public void Flush()
    {
        Batch? batch;
        lock (_lock)
        {
            _isScheduled = false;
            (batch, _batch) = (_batch, null);
        }
        if (batch is not null)
        {
            SendCounted(batch);
        }
    }

    void IThreadPoolWorkItem.Execute() => Flush();

    private void Put(ReadOnlySpan<byte> message)
    {
        _batch ??= Pool.Rent();
        if (!_batch.TryAdd(message))
        {
            SendCounted(_batch);
            _batch = Pool.Rent();
            _batch.TryAdd(message);
        }
    }

    private void SendCounted(Batch batch)
    {
        var count = batch.Count;
        if (Send(batch) is not null)
        {
            Interlocked.Add(ref _unsent, count);
        }
    }

    private void Schedule()
    {
        lock (_lock)
        {
            if (_isScheduled || _batch is null)
            {
                return;
            }
            _isScheduled = true;
        }
        schedule(this);
    }
}
