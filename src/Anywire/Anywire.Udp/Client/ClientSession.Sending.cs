using System.Diagnostics;
using Anywire.Udp.Format;
using Anywire.Udp.Sessions;

namespace Anywire.Udp.Client;

internal sealed partial class ClientSession
{
    // What waits while the window is closed; then events wait in their caller's own queue, which drops the newest and counts it.
    private const int MostBatches = 16;

    // What the thread that receives brings about goes when it has run dry, and so much of it before: the other side has something to do meanwhile.
    private const int MostHeld = 32;
    private const int MostProbes = 3;
    private static readonly TimeSpan FirstProbe = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(1);

    private readonly Lock _outbox = new();
    private readonly Lock _taking = new();
    private readonly Queue<Batch> _full = new();
    private readonly MessageWriter _writer = new();
    private readonly AutoResetEvent _wake = new(initialState: false);
    private readonly SendWindow _window;
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Batch? _batch;
    private TaskCompletionSource? _room;
    private int _held;
    private int _isWanted;
    private int _looksForRoom;
    private volatile bool _isClosing;
    private volatile bool _isDead;
    private long _unsent;
    private long _left;

    /// <summary>Lets a message go with others that wait; false when there is no room for it.</summary>
    public bool Add(ReadOnlySpan<byte> message)
    {
        lock (_outbox)
        {
            if (!Put(message))
            {
                return false;
            }
        }
        Signal();
        return true;
    }

    // For what may as well get lost on its way.
    private void Add<T>(T what, Action<MessageWriter, T> write)
    {
        lock (_outbox)
        {
            write(_writer, what);
            _ = Put(_writer.Finish());
        }
        Signal();
    }

    /// <summary>Completes when there is room again, or never will be.</summary>
    public Task WaitForRoomAsync()
    {
        lock (_outbox)
        {
            if (_full.Count < MostBatches || _isClosing || _isDead)
            {
                return Task.CompletedTask;
            }
            return (_room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    private bool Put(ReadOnlySpan<byte> message)
    {
        if (_isDead)
        {
            return false;
        }
        _batch ??= Pool.Rent();
        if (_batch.TryAdd(message))
        {
            return true;
        }
        if (_full.Count >= MostBatches)
        {
            return false;
        }
        _full.Enqueue(_batch);
        _batch = Pool.Rent();
        return _batch.TryAdd(message);
    }

    private void AskAgain(PendingCall call, TimeSpan wait, long now)
    {
        var (message, id) = (call.Message, call.Id);
        // Otherwise it has ended meanwhile, or is made elsewhere under another number.
        if (ReferenceEquals(_calls.Find(id), call))
        {
            Ask(call, message.Span, id, wait, now);
        }
    }

    private void Ask(PendingCall call, Span<byte> message, ulong id, TimeSpan wait, long now)
    {
        var time = _options.Time;
        call.Wait = wait;
        // Calls that were lost together are not asked again together.
        call.DueAt = now + (long)(wait.TotalSeconds * (0.75 + (0.5 * Random.Shared.NextDouble())) * time.TimestampFrequency);
        MessagePatch.Call(message, id);
        if (call.Expires)
        {
            MessagePatch.Remaining(message, time.GetElapsedTime(now, call.DeadlineAt));
        }
        // Without room it is as good as lost, and asked again.
        _ = Add(message);
    }

    private void Signal()
    {
        if (!_receiver.IsCurrentThread)
        {
            Wake();
        }
        else if (++_held >= MostHeld)
        {
            Flush();
        }
    }

    /// <summary>Sends what waits; what has to wait for room is left to the sending thread.</summary>
    private void Flush()
    {
        _held = 0;
        while (SendNext())
        {
        }
        // Also when there is room by now: whoever has made it meanwhile has woken nobody.
        if (IsAnythingLeft)
        {
            Wake();
        }
    }

    private void Wake()
    {
        if (Volatile.Read(ref _isWanted) == 0 && Interlocked.Exchange(ref _isWanted, 1) == 0)
        {
            _wake.Set();
        }
    }

    // Only who looks for room has to know at once: whoever sends later sees it then.
    private void WakeForReport()
    {
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _looksForRoom) != 0)
        {
            _wake.Set();
        }
    }

    private void SendAll()
    {
        while (!_isDead)
        {
            Interlocked.Exchange(ref _isWanted, 0);
            // Before it is looked what there is: what was added until then has gone when the end is told.
            var isClosing = _isClosing;
            // A full fence: either what a report makes room for is seen here, or it is seen there that somebody looks for room.
            Interlocked.Exchange(ref _looksForRoom, 1);
            do
            {
                while (SendNext())
                {
                }
            }
            while (WaitForWindow());
            Volatile.Write(ref _looksForRoom, 0);
            if (isClosing)
            {
                _drained.TrySetResult();
            }
            // Waiting for the window may have taken the signal of what came after it, and of the end.
            if (Interlocked.Exchange(ref _isWanted, 0) == 0 && _isClosing == isClosing && !_isDead)
            {
                _wake.WaitOne();
            }
        }
        _drained.TrySetResult();
    }

    // Whoever sends does it in turn, so that datagrams go in the order in which they were filled.
    private bool SendNext()
    {
        lock (_taking)
        {
            if (Next() is not { } batch)
            {
                return false;
            }
            var count = batch.Count;
            if (Send(batch) is { } error)
            {
                Interlocked.Add(ref _unsent, count);
                Failed(error);
            }
            return true;
        }
    }

    private Batch? Next()
    {
        TaskCompletionSource? room = null;
        Batch? next;
        lock (_outbox)
        {
            next = First;
            if (next is null || !HasRoom(next.Count))
            {
                return null;
            }
            if (!_full.TryDequeue(out _))
            {
                _batch = null;
            }
            if (_room is not null && _full.Count < MostBatches / 2)
            {
                (room, _room) = (_room, null);
            }
        }
        room?.TrySetResult();
        return next;
    }

    private Batch? First => _full.TryPeek(out var full) ? full : _batch;

    private bool IsAnythingLeft
    {
        get
        {
            lock (_outbox)
            {
                return First is not null;
            }
        }
    }

    private bool MustWait
    {
        get
        {
            lock (_outbox)
            {
                return First is { } next && !HasRoom(next.Count);
            }
        }
    }

    /// <summary>Waits for room for what waits, until the handler has said something of it or will not any more; false when there was room already.</summary>
    private bool WaitForWindow()
    {
        var (wait, probes, since, heard) = (FirstProbe, 0, Stopwatch.GetTimestamp(), Heard);
        var hasWaited = false;
        // The room that a report has made may have been used by the thread that receives: then the next report is waited for.
        while (MustWait && Heard == heard && !_isDead)
        {
            hasWaited = true;
            Interlocked.Exchange(ref _isWanted, 0);
            // Callers that go on sending wake it too: they must not put the probe off.
            var left = wait - Stopwatch.GetElapsedTime(since);
            if ((left > TimeSpan.Zero && _wake.WaitOne(left)) || !MustWait)
            {
                continue;
            }
            since = Stopwatch.GetTimestamp();
            if (++probes > MostProbes)
            {
                Forget(heard);
                break;
            }
            Probe();
            wait *= 2;
        }
        return hasWaited || Heard != heard;
    }

    /// <summary>Asks the handler to say what came, whether there is room for the question or not.</summary>
    private void Probe()
    {
        var probe = Pool.Rent();
        probe.TryAdd([(byte)MessageKind.Probe, 0, 0]);
        Send(probe);
    }

    private ulong Heard
    {
        get
        {
            lock (_window)
            {
                return _window.Reported;
            }
        }
    }

    private void Forget(ulong heard)
    {
        lock (_window)
        {
            if (_window.Reported == heard)
            {
                _window.Forget(NextCounter);
            }
        }
    }

    private bool HasRoom(int count)
    {
        lock (_window)
        {
            return _window.HasRoom(NextCounter, count);
        }
    }

    private async Task DrainAsync()
    {
        _isClosing = true;
        _wake.Set();
        await Task.WhenAny(_drained.Task, Task.Delay(DrainTimeout, _options.Time));
    }

    private void CloseSender()
    {
        TaskCompletionSource? room;
        lock (_outbox)
        {
            _isDead = true;
            // Their callers were told that they had left.
            Volatile.Write(ref _left, _full.Sum(static b => (long)b.Count) + (_batch?.Count ?? 0));
            (room, _room) = (_room, null);
        }
        _wake.Set();
        room?.TrySetResult();
    }
}
