using System.Diagnostics;
using System.Text;
using Anywire.Tcp.Format;
using Microsoft.Extensions.Logging;

namespace Anywire.Tcp.Connections;

/// <summary>What both sides of a connection do: frames in, frames out, heartbeats, the end. Any thread may send; the members of
/// <see cref="IFrameSink"/> are the reading thread's.</summary>
internal abstract class Connection : IFrameSink, IWatched
{
    private const int MaxPingBytes = 8;

    private static readonly TimeSpan LastWord = TimeSpan.FromMilliseconds(20);

    // The other side begins with these while the reading thread is still busy with what it has received.
    private const int MostHeld = 32;

    private readonly OpenedStream _opened;
    private readonly SendLater _sendLater;
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _pingedAt;
    private int _held;
    private int _isClosed;

    protected Connection(OpenedStream opened, Runtime runtime, TimeProvider time, ILogger logger)
    {
        (_opened, Runtime, Time, Logger) = (opened, runtime, time, logger);
        Sender = new Sender(opened.Stream, opened.Socket, runtime.Carrying, error => Close("it cannot be written to", error));
        Reader = new FrameReader(opened.Stream, opened.Socket, runtime.Threads, runtime.Carrying, this);
        _sendLater = new SendLater(Sender, runtime.Threads);
        Unfinished = new PartsBudget(runtime.Options.MaxUnfinishedBytes);
    }

    /// <summary>What messages may take that have come in part.</summary>
    public PartsBudget Unfinished { get; }

    /// <summary>What the other side said first.</summary>
    public Hello Peer => _opened.Peer;

    /// <summary>The other side's proved name; null on a plain wire.</summary>
    public string? PeerName => _opened.PeerName;

    /// <summary>The other side's address, for people.</summary>
    public string PeerAddress => _opened.Address;

    /// <summary>Completes when it is closed.</summary>
    public Task Closed => _closed.Task;

    public bool IsClosed => Volatile.Read(ref _isClosed) != 0;

    public Runtime Runtime { get; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; }

    /// <summary>The time at which the reading thread last received something: its own time, as long as it is busy with that. A clock is looked at once for all that came
    /// together.</summary>
    public DateTime ReceivedAt { get; private set; }

    /// <summary>The timestamp of <see cref="ReceivedAt"/>.</summary>
    public long ReceivedTimestamp { get; private set; }

    public FrameReader Reader { get; }

    /// <summary>Reads messages, on the reading thread.</summary>
    public MessageSource Source { get; } = new();

    /// <summary>How many calls are under way.</summary>
    public abstract int Calls { get; }

    bool IWatched.IsBusy => Calls > 0 || Reader.IsLent || Reader.HasRun || Sender.Waiting > 0;

    protected Sender Sender { get; }

    protected ILogger Logger { get; }

    public void Start()
    {
        _opened.Socket.IsGreeted = true;
        Runtime.Watchdog.Add(this);
        if (IsClosed)
        {
            // Its first call has failed already, and found nothing to remove.
            Runtime.Watchdog.Remove(this);
        }
        Reader.Start();
    }

    /// <summary>Sends a frame.</summary>
    public void Send(FrameKind kind, FrameFlags flags, uint call, ReadOnlySpan<byte> payload)
    {
        if (Sender.Add(kind, flags, call, payload))
        {
            Push();
        }
    }

    /// <summary>Sends a message.</summary>
    /// <param name="kind">The kind of its first frame.</param>
    /// <param name="flags">Its flags.</param>
    /// <param name="call">The call.</param>
    /// <param name="message">The message, which may be used again afterwards.</param>
    /// <returns>Completes when a large one is on its way, with false when it was given up; null for a small one.</returns>
    public Task<bool>? Send(FrameKind kind, FrameFlags flags, uint call, MessageBuffer message)
    {
        if (Sender.Add(kind, flags, call, message, out var taken))
        {
            Push();
        }
        return taken;
    }

    /// <summary>Says that a call goes no further, and sends nothing more of it.</summary>
    public void SendCancel(uint call)
    {
        Sender.Abandon(call);
        Send(FrameKind.Cancel, FrameFlags.None, call, []);
    }

    /// <summary>Sends nothing more of a call's large messages.</summary>
    public void Abandon(uint call) => Sender.Abandon(call);

    /// <summary>Has everything written that was added, now.</summary>
    public void Flush() => Sender.Flush();

    /// <summary>Closes it; calls under way fail.</summary>
    /// <param name="reason">Why, in words.</param>
    /// <param name="error">What broke it; null when nothing did.</param>
    public void Close(string reason, Exception? error = null)
    {
        if (Interlocked.Exchange(ref _isClosed, 1) != 0)
        {
            return;
        }
        Runtime.Watchdog.Remove(this);
        Sender.Close();
        // Wakes the reading thread, which may wait on the socket.
        _opened.Socket.Shutdown();
        _opened.Stream.Dispose();
        OnClosed(reason, error);
        _closed.TrySetResult();
    }

    void IFrameSink.OnReceived() => (ReceivedAt, ReceivedTimestamp) = (Time.GetUtcNow().UtcDateTime, Time.GetTimestamp());

    bool IFrameSink.OnFrame(FrameHeader header, ReadOnlyMemory<byte> payload)
    {
        switch (header.Kind)
        {
            case FrameKind.Ping:
                OnPing(payload.Span);
                return true;
            case FrameKind.Pong:
                return true;
            case FrameKind.GoAway:
                OnGoAway(Encoding.UTF8.GetString(payload.Span));
                return true;
            default:
                return header is { HasMore: true, IsLast: true }
                    ? throw new ProtocolException("it sent a frame that is both the last and not")
                    : OnCallFrame(header, payload);
        }
    }

    void IFrameSink.OnPause()
    {
        _held = 0;
        Sender.Flush(hasOthers: true);
    }

    void IFrameSink.OnQuiet() => Sender.Shrink();

    bool IFrameSink.MustWait(Action goOn) => WaitsForRoom && Sender.WhenRoom(Runtime.Options.MaxWaitingBytes, goOn);

    void IFrameSink.OnLent() => Runtime.Watchdog.Wake();

    void IFrameSink.OnTakenOver() => OnTakenOver();

    void IFrameSink.OnEnd(Exception? error)
    {
        try
        {
            End(error);
        }
        catch (Exception failure)
        {
            Logger.Failed(failure);
            Close("it ended", error);
        }
    }

    private void End(Exception? error)
    {
        if (error is ProtocolException)
        {
            Logger.ConnectionBroken(_opened.Address, error.Message);
            Sender.Add(FrameKind.GoAway, FrameFlags.None, 0, Encoding.UTF8.GetBytes(error.Message));
            Sender.Flush();
            // Another thread may be writing: it takes the reason along, if it is let. Nothing more is read here anyway.
            SpinWait.SpinUntil(() => !Sender.IsWriting, LastWord);
            Close(error.Message);
            return;
        }
        if (error is not (null or IOException or ObjectDisposedException or System.Net.Sockets.SocketException or OperationCanceledException))
        {
            Logger.Failed(error);
        }
        Close(error is null ? "the other side closed it" : "it was lost", error);
    }

    void IWatched.Tick()
    {
        try
        {
            LookAfter();
        }
        catch (Exception error)
        {
            // Of whoever listens to metrics, for instance; others' deadlines are to pass all the same.
            Logger.Failed(error);
            Close("it could not be looked after", error);
        }
    }

    private void LookAfter()
    {
        Reader.TakeOver();
        OnTick();
        // What waits for a thread of the pool that does not come, or for a reading thread that is held up.
        Sender.Flush(hasOthers: true);
        var options = Runtime.Options;
        // Who takes what is written to it is there, though it is not heard: because nothing is read, or since our question waits behind the rest.
        var silent = Stopwatch.GetElapsedTime(Math.Max(Reader.ReceivedAt, Reader.IsHeld || (WaitsForRoom && Sender.IsWriting) ? Sender.ProgressAt : _opened.Socket.TookAt));
        if (silent > options.HeartbeatTimeout)
        {
            Logger.ConnectionBroken(_opened.Address, "nothing was heard of the other side");
            _opened.Socket.ForgetUnsent();
            Close($"nothing was heard of the other side for {silent.TotalSeconds:0} s");
        }
        else if (silent > options.HeartbeatDelay && Stopwatch.GetElapsedTime(_pingedAt) > options.HeartbeatDelay)
        {
            _pingedAt = Stopwatch.GetTimestamp();
            Sender.Add(FrameKind.Ping, FrameFlags.None, 0, new byte[8]);
            Sender.Flush(hasOthers: true);
        }
    }

    /// <summary>Whether it reads no more while too much waits to be written: a server's side does; a caller's always reads, so that there is an end to it.</summary>
    protected abstract bool WaitsForRoom { get; }

    /// <summary>Takes a frame of a call, or the name of a method.</summary>
    /// <returns>As <see cref="IFrameSink.OnFrame"/>.</returns>
    protected abstract bool OnCallFrame(FrameHeader header, ReadOnlyMemory<byte> payload);

    protected abstract void OnGoAway(string reason);

    protected abstract void OnClosed(string reason, Exception? error);

    /// <summary>Another thread reads on, since somebody's code holds up the one that did.</summary>
    protected virtual void OnTakenOver()
    {
    }

    /// <summary>Every few milliseconds while it is busy.</summary>
    protected virtual void OnTick()
    {
    }

    private void OnPing(ReadOnlySpan<byte> payload)
    {
        if (payload.Length > MaxPingBytes)
        {
            throw new ProtocolException($"it sent a ping of {payload.Length:N0} bytes, and at most {MaxPingBytes} are allowed");
        }
        // Whoever asks without end and reads no answer is not answered without end. All that waits is a sign of life as well.
        if (Sender.Waiting <= Runtime.Options.MaxWaitingBytes)
        {
            Sender.Add(FrameKind.Pong, FrameFlags.None, 0, payload);
        }
    }

    /// <summary>What was added goes out: when the reading thread pauses, if it is that; at once while there is little; otherwise soon, together with what
    /// other threads add meanwhile. Never by a clock.</summary>
    private void Push()
    {
        if (Reader.IsReadingThread)
        {
            if (++_held >= MostHeld)
            {
                _held = 0;
                Sender.Flush(hasOthers: true);
            }
            return;
        }
        if (Calls <= 2)
        {
            Sender.Flush();
        }
        else
        {
            _sendLater.Call();
        }
    }

    private sealed class SendLater(Sender sender, ReaderThreads threads) : IThreadPoolWorkItem, IReader
    {
        private int _isCalled;

        public void Call()
        {
            if (Volatile.Read(ref _isCalled) == 0 && Interlocked.Exchange(ref _isCalled, 1) == 0)
            {
                if (Thread.CurrentThread.IsThreadPoolThread)
                {
                    ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                }
                else
                {
                    // The pool's threads look for more work before they sleep, for longer than all of this takes.
                    threads.Run(this);
                }
            }
        }

        void IThreadPoolWorkItem.Execute() => Flush();

        void IReader.Read(bool mayBlock) => Flush();

        private void Flush()
        {
            Interlocked.Exchange(ref _isCalled, 0);
            sender.Flush();
        }
    }
}
