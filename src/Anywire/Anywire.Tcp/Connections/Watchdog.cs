using System.Collections.Immutable;

namespace Anywire.Tcp.Connections;

/// <summary>Something to be looked after.</summary>
internal interface IWatched
{
    /// <summary>Whether it is to be looked after every few milliseconds.</summary>
    bool IsBusy { get; }

    /// <summary>Looks after it.</summary>
    void Tick();
}

/// <summary>One thread that looks after all connections: deadlines, heartbeats, and readers that somebody's code holds up. It needs no thread of the
/// pool, which such code may have exhausted. Any thread may use it.</summary>
/// <param name="always">What is looked after besides them, as long as there are any.</param>
internal sealed class Watchdog(ImmutableArray<IWatched> always)
{
    /// <summary>How often what is busy is looked after.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(10);

    private static readonly TimeSpan QuietPeriod = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private readonly AutoResetEvent _wake = new(false);
    private readonly int _least = always.Length;
    private ImmutableArray<IWatched> _watched = always;
    private bool _isRunning;
    private volatile bool _isDozing;

    public void Add(IWatched watched)
    {
        lock (_lock)
        {
            _watched = _watched.Add(watched);
            if (!_isRunning)
            {
                _isRunning = true;
                // Without it no call would end in time.
                OwnThread.Run(Run, "Anywire TCP watchdog");
            }
        }
        Wake();
    }

    public void Remove(IWatched watched)
    {
        lock (_lock)
        {
            _watched = _watched.Remove(watched);
        }
    }

    /// <summary>Somebody has become busy.</summary>
    public void Wake()
    {
        if (_isDozing)
        {
            _isDozing = false;
            _wake.Set();
        }
    }

    private void Run()
    {
        while (true)
        {
            ImmutableArray<IWatched> all;
            lock (_lock)
            {
                all = _watched;
                if (all.Length == _least && !IsAnyBusy(all))
                {
                    _isRunning = false;
                    return;
                }
            }
            foreach (var one in all)
            {
                one.Tick();
            }
            if (IsAnyBusy(all))
            {
                _wake.WaitOne(Period);
                continue;
            }
            _isDozing = true;
            // Whoever became busy before it could see that we doze is seen now. On all processors: a reading thread that is lent has no barrier between saying so and
            // looking whether we doze, for it would pay for that with each call. We pay, a few times a second.
            Interlocked.MemoryBarrierProcessWide();
            _wake.WaitOne(IsAnyBusy(all) ? Period : QuietPeriod);
            _isDozing = false;
        }
    }

    private static bool IsAnyBusy(ImmutableArray<IWatched> all)
    {
        foreach (var one in all)
        {
            if (one.IsBusy)
            {
                return true;
            }
        }
        return false;
    }
}
