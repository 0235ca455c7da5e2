using System.Diagnostics.CodeAnalysis;

namespace Twite.Storage;

/// <summary>Threads that calls of services on a database server run on, from their first line to their last: their readings hold a thread while
/// the server answers. On the pool's threads, many at once could hold them all, and a socket whose event waits for one of the pool then does
/// not hear its answer. Started as they are wanted, ended when idle. Any thread may use it.</summary>
public sealed class CallThreads : TaskScheduler
{
    private static readonly TimeSpan LongestIdle = TimeSpan.FromSeconds(20);

    private readonly object _lock = new();
    private readonly Queue<Task> _waiting = new();
    private readonly TimeSpan _longestIdle;
    private int _threads;
    private int _idle;

    /// <param name="most">How many there are at most; what comes while all are busy waits in order.</param>
    public CallThreads(int most) : this(most, LongestIdle)
    {
    }

    internal CallThreads(int most, TimeSpan longestIdle)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        (MaximumConcurrencyLevel, _longestIdle) = (most, longestIdle);
    }

    /// <inheritdoc/>
    public override int MaximumConcurrencyLevel { get; }

    /// <summary>How many there are now.</summary>
    internal int Count
    {
        get
        {
            lock (_lock)
            {
                return _threads;
            }
        }
    }

    /// <inheritdoc/>
    protected override void QueueTask(Task task)
    {
        lock (_lock)
        {
            _waiting.Enqueue(task);
            if (_waiting.Count <= _idle || _threads == MaximumConcurrencyLevel)
            {
                Monitor.Pulse(_lock);
                return;
            }
            _threads++;
        }
        new Thread(Run) { IsBackground = true, Name = "calls" }.UnsafeStart();
    }

    /// <inheritdoc/>
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && Current == this && TryExecuteTask(task);

    /// <inheritdoc/>
    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (_lock)
        {
            return [.. _waiting];
        }
    }

    private void Run()
    {
        while (TryTake(out var task))
        {
            TryExecuteTask(task);
        }
    }

    /// <returns>False when the thread has been idle for long and ends.</returns>
    private bool TryTake([NotNullWhen(true)] out Task? task)
    {
        lock (_lock)
        {
            while (!_waiting.TryDequeue(out task))
            {
                _idle++;
                var woken = Monitor.Wait(_lock, _longestIdle);
                _idle--;
                if (!woken && _waiting.Count == 0)
                {
                    _threads--;
                    return false;
                }
            }
            return true;
        }
    }
}
