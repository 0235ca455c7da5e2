using Anywire.Udp.Diagnostics;
using Anywire.Udp.Format;
using Anywire.Udp.Sealing;
using Anywire.Udp.Sessions;
using Anywire.Udp.Sockets;
using Grpc.Core;

namespace Anywire.Udp.Client;

/// <summary>The caller's end of a session: its socket, the thread that receives and sends what replies bring about, the one that sends for all others, and the calls that wait. Any thread may use it.</summary>
internal sealed partial class ClientSession : Session, IDatagramSink, IAsyncDisposable
{
    private readonly TransportClientOptions _options;
    private readonly Receiver _receiver;
    private readonly PendingCalls _calls;
    private readonly DatagramMeter _meter;
    private readonly ITimer _ticks;
    private readonly TaskCompletionSource<string> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _ticking = new();
    private volatile bool _isTicking;

    /// <param name="id">Its number.</param>
    /// <param name="endpoint">Where its handler listens.</param>
    /// <param name="socket">A socket that goes there, which this disposes.</param>
    /// <param name="seals">Its keys; null on a plain wire.</param>
    /// <param name="window">How many datagrams the handler has room for.</param>
    /// <param name="options">Whom it calls.</param>
    public ClientSession(uint id, Endpoint endpoint, UdpSocket socket, Seals? seals, int window, TransportClientOptions options)
        : base(id, seals, socket, new BatchPool(MostBatches))
    {
        (Endpoint, _options) = (endpoint, options);
        _calls = new PendingCalls(options.Service);
        _window = new SendWindow(window);
        _arrivals = new Arrivals(options.Time);
        _receiver = new Receiver(socket, this, $"{endpoint} answers", options.Time);
        _meter = new DatagramMeter(UdpTransport.WireName, $"{options.Service} at {endpoint}", Totals);
        _ticks = options.Time.CreateTimer(static s => ((ClientSession)s!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public Endpoint Endpoint { get; }

    /// <summary>Completes with the reason when the session has ended.</summary>
    public Task<string> Ended => _ended.Task;

    public bool HasEnded => _ended.Task.IsCompleted;

    /// <summary>Its handler takes no new calls: they go elsewhere when there is another.</summary>
    public volatile bool IsLeaving;

    /// <summary>How many datagrams the kernel had no room for.</summary>
    public uint KernelDrops => Socket.KernelDrops;

    protected override PeerAddress? Remote => null;

    public void Start()
    {
        OwnThread.Run(SendAll, $"{Endpoint} sends");
        _receiver.Start();
    }

    /// <summary>Sends a request until it is answered, or its caller gives up.</summary>
    /// <param name="call">The call.</param>
    /// <param name="now">The time, as a timestamp.</param>
    /// <exception cref="RpcException">Too many wait already, or the session has ended: it was not sent.</exception>
    public void Begin(PendingCall call, long now)
    {
        // Not before it has been asked: a tick may see it at once.
        (call.Wait, call.DueAt) = (FirstWait, long.MaxValue);
        // Once others know it, it may end at any moment and be made elsewhere.
        var message = call.Message;
        var id = _calls.Add(call);
        Ask(call, message.Span, id, FirstWait, now);
        call.WasAsked();
        // Either it is seen here that nobody ticks, or whoever ends that sees the call.
        Interlocked.MemoryBarrier();
        if (!_isTicking)
        {
            BeginTicking();
        }
    }

    /// <summary>Forgets a call: what comes for it means nothing any more.</summary>
    /// <returns>False when its end has come already.</returns>
    public bool Forget(PendingCall call) => _calls.Remove(call);

    /// <summary>Tells the handler that a call was given up. It may get lost: the handler stops at its deadline then, if it has one.</summary>
    public void TellCancelled(PendingCall call) => Add(call.Id, static (writer, id) => writer.OfCall(MessageKind.Cancel, id));

    /// <summary>Ends the session: its calls fail, for they may have been executed.</summary>
    public void Lose(string reason)
    {
        if (!_ended.TrySetResult(reason))
        {
            return;
        }
        var lost = new Status(StatusCode.Unavailable, $"The connection to {_options.Service} at {Endpoint} was lost before it answered: {reason}.");
        var unsent = NotExecuted.Because("unreachable", $"{_options.Service} at {Endpoint} cannot be reached: {reason}.");
        foreach (var call in _calls.Close(unsent))
        {
            call.Fail(lost);
        }
        CloseSender();
        _ticks.Dispose();
    }

    /// <summary>Sends what waits, then ends.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var call in _calls.Close(new RpcException(new Status(StatusCode.Cancelled, "The client was closed."))))
        {
            TellCancelled(call);
            call.Fail(new Status(StatusCode.Cancelled, "The client was closed."));
        }
        if (Seals is null)
        {
            Add(0, static (writer, _) => writer.Leaving(hasGone: true));
        }
        await DrainAsync();
        Lose("the client was closed");
        _receiver.Dispose();
        _meter.Dispose();
        Socket.Dispose();
    }

    /// <summary>The session's end is the end of its socket too.</summary>
    public void Release()
    {
        _receiver.Dispose();
        _meter.Dispose();
        Socket.Dispose();
    }

    private DatagramTotals Totals() => new(
        (long)NextCounter - Volatile.Read(ref _unsent), Volatile.Read(ref _unsent) + Volatile.Read(ref _left), (long)Window.Received, (long)Window.Lost, Socket.KernelDrops);
}
