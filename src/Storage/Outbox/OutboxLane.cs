namespace Twite.Storage;

/// <summary>The events for one receiver that are in this relay's hands. While the receiver is away nothing but one event at a time is tried;
/// the others wait in the database. Any thread may use it.</summary>
internal sealed class OutboxLane(
    string receiver, OutboxRelayOptions options, TimeProvider time, Func<OutboxEvent, Task> handOver, Action<OutboxEvent> giveBack)
{
    private readonly Lock _lock = new();
    private readonly Queue<OutboxEvent> _ready = new();
    private readonly Task?[] _workers = new Task?[options.Concurrency];

    // Measured, not told by the time of day: a clock that is set back must not lengthen it.
    private long _awaySince;
    private TimeSpan _pause;
    private int _failures;
    private bool _stopped;
    private volatile bool _hasLeft;

    public string Receiver => receiver;

    /// <summary>In how long the receiver may be tried again; not positive when it may be now.</summary>
    public TimeSpan AwayFor
    {
        get
        {
            lock (_lock)
            {
                return LeftLocked();
            }
        }
    }

    /// <summary>Events that there was no room for may be due in the database.</summary>
    public bool HasLeft
    {
        get => _hasLeft;
        set => _hasLeft = value;
    }

    /// <summary>How many events may be claimed for it now.</summary>
    public int Room
    {
        get
        {
            lock (_lock)
            {
                var inHand = _ready.Count + _workers.Count(w => w is not null);
                return _stopped || LeftLocked() > TimeSpan.Zero ? 0
                    : _failures > 0 ? Math.Max(0, 1 - inHand)
                    : Math.Max(0, options.MaxReady - inHand);
            }
        }
    }

    /// <summary>Whether the receiver is there and half of the room is free.</summary>
    public bool HasRoom
    {
        get
        {
            lock (_lock)
            {
                return !_stopped && _failures == 0 && _ready.Count <= options.MaxReady / 2;
            }
        }
    }

    public void Take(OutboxEvent @event)
    {
        lock (_lock)
        {
            if (!_stopped && (_failures == 0 || (_ready.Count == 0 && LeftLocked() <= TimeSpan.Zero)))
            {
                _ready.Enqueue(@event);
                StartWorker();
                return;
            }
        }
        giveBack(@event);
    }

    /// <summary>The receiver answered.</summary>
    /// <returns>Whether it had been away.</returns>
    public bool MarkPresent()
    {
        lock (_lock)
        {
            var wasAway = _failures > 0;
            _failures = 0;
            return wasAway;
        }
    }

    /// <summary>The receiver did not answer: what waits for it goes back to the database.</summary>
    /// <returns>The pause that begins; null when one had begun already.</returns>
    public TimeSpan? MarkAway()
    {
        List<OutboxEvent> back;
        TimeSpan pause;
        lock (_lock)
        {
            if (LeftLocked() > TimeSpan.Zero)
            {
                return null;
            }
            pause = options.PauseAfter(++_failures);
            (_awaySince, _pause) = (time.GetTimestamp(), pause);
            back = [.. _ready];
            _ready.Clear();
        }
        back.ForEach(giveBack);
        return pause;
    }

    /// <summary>Takes nothing more; completes when nothing is being handed over.</summary>
    public Task StopAsync()
    {
        lock (_lock)
        {
            _stopped = true;
            _ready.Clear();
            return Task.WhenAll(_workers.OfType<Task>());
        }
    }

    private TimeSpan LeftLocked() => _failures == 0 ? TimeSpan.Zero : _pause - time.GetElapsedTime(_awaySince);

    private void StartWorker()
    {
        var free = Array.IndexOf(_workers, null);
        if (free >= 0)
        {
            _workers[free] = Task.Run(() => WorkAsync(free));
        }
    }

    private async Task WorkAsync(int slot)
    {
        while (true)
        {
            OutboxEvent? next;
            lock (_lock)
            {
                if (!_ready.TryDequeue(out next))
                {
                    _workers[slot] = null;
                    return;
                }
            }
            await handOver(next);
        }
    }
}
