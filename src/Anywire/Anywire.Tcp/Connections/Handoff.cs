using System.Collections.Concurrent;

namespace Anywire.Tcp.Connections;

/// <summary>Somebody else's code that leaves the reading threads for the pool's. When all of those are held up by code that blocks, perhaps for what waits here,
/// threads of their own take it: as soon as the first in the row has stood there for long. Any thread may use it; the watchdog looks after it.</summary>
/// <param name="threads">Where those threads come from.</param>
internal sealed class Handoff(ReaderThreads threads) : IThreadPoolWorkItem, IReader, IWatched
{
    // Of the watchdog's glances: so long the pool may take while its threads compute. Once they are known to be stuck one is enough.
    private const int Patience = 5;

    private readonly ConcurrentQueue<IThreadPoolWorkItem> _waiting = new();
    private IThreadPoolWorkItem? _first;
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
        if (_waiting.TryDequeue(out var work))
        {
            work.Execute();
        }
    }

    void IReader.Read(bool mayBlock)
    {
        while (_waiting.TryDequeue(out var work))
        {
            work.Execute();
        }
    }

    void IWatched.Tick()
    {
        if (!_waiting.TryPeek(out var first))
        {
            (_first, _glances, _isStuck) = (null, 0, false);
            return;
        }
        if (first != _first)
        {
            (_first, _glances) = (first, 0);
        }
        else if (++_glances >= (_isStuck ? 1 : Patience))
        {
            (_glances, _isStuck) = (0, true);
            threads.Run(this);
        }
    }
}
