using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Anywire.Tcp.Connections;

/// <summary>What leaves the reading threads for the pool's. When all of those are held up by code that blocks, perhaps for what waits here,
/// threads of their own take it: as soon as the first in the row has stood there for long. Any thread may use it; the watchdog looks after it.</summary>
/// <param name="threads">Where those threads come from.</param>
/// <param name="processors">Whether they would find a processor; null where all that is handed over is short, and never in the way.</param>
internal sealed class Handoff(ReaderThreads threads, ProcessorUse? processors) : IThreadPoolWorkItem, IReader, IWatched
{
    // Of the watchdog's glances: so long the pool may take while its threads compute. Once they are known to be stuck one is enough.
    private const int Patience = 5;

    private readonly ConcurrentQueue<IThreadPoolWorkItem> _waiting = new();

    // How many have been taken, by which the watchdog knows that the first in the row is another. It must not look at that one: once it has, such a queue keeps all that it had.
    private long _taken;
    private long _seen;
    private int _glances;
    private bool _isStuck;

    public bool IsBusy => !_waiting.IsEmpty;

    /// <summary>Has it run soon, on another thread.</summary>
    public void Run(IThreadPoolWorkItem work)
    {
        _waiting.Enqueue(work);
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        if (TryTake(out var work))
        {
            work.Execute();
        }
    }

    void IReader.Read(bool mayBlock)
    {
        while (TryTake(out var work))
        {
            work.Execute();
        }
    }

    void IWatched.Tick()
    {
        if (_waiting.IsEmpty)
        {
            (_glances, _isStuck) = (0, false);
            processors?.Forget();
            return;
        }
        if (Volatile.Read(ref _taken) is var taken && taken != _seen)
        {
            (_seen, _glances) = (taken, 0);
            if (!_isStuck)
            {
                processors?.Forget();
            }
            return;
        }
        // At each, since it takes several to tell.
        var isFull = processors?.IsFull() == true;
        if (++_glances < (_isStuck ? 1 : Patience))
        {
            return;
        }
        // Where the pool's threads compute and do not block, more threads would only share the same processors: hundreds of them, as long as there is too much to do.
        // Should some block all the same, the pool itself adds threads, slowly.
        (_glances, _isStuck) = (0, !isFull);
        if (!isFull)
        {
            threads.Run(this);
        }
    }

    private bool TryTake([NotNullWhen(true)] out IThreadPoolWorkItem? work)
    {
        if (!_waiting.TryDequeue(out work))
        {
            return false;
        }
        Interlocked.Increment(ref _taken);
        return true;
    }
}
