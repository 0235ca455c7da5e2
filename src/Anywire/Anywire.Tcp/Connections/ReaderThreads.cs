using System.Collections.Concurrent;

namespace Anywire.Tcp.Connections;

/// <summary>Something that reads, and may hold its thread while it does.</summary>
internal interface IReader
{
    /// <summary>Reads until there is nothing to do for a while.</summary>
    /// <param name="mayBlock">Whether the thread is its own for as long.</param>
    void Read(bool mayBlock);
}

/// <summary>Threads for those who wait on a socket: a connection in use has one, so that a message wakes one thread and no more. What is in excess of
/// them runs on the pool's threads. Any thread may use it.</summary>
/// <param name="max">The most threads.</param>
internal sealed class ReaderThreads(int max)
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(10);

    private readonly ConcurrentStack<Worker> _idle = new();
    private int _count;

    /// <summary>How many there are.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Has a reader read, soon.</summary>
    public void Run(IReader reader)
    {
        if (!TryRun(reader))
        {
            ThreadPool.UnsafeQueueUserWorkItem(static r => r.Read(mayBlock: false), reader, preferLocal: false);
        }
    }

    /// <summary>Has a reader read, soon, on one of the threads.</summary>
    /// <returns>False when there is none left.</returns>
    public bool TryRun(IReader reader)
    {
        while (_idle.TryPop(out var worker))
        {
            if (worker.TryGive(reader))
            {
                return true;
            }
        }
        if (Interlocked.Increment(ref _count) <= max && new Worker(this, reader).TryStart())
        {
            return true;
        }
        Interlocked.Decrement(ref _count);
        return false;
    }

    private sealed class Worker(ReaderThreads threads, IReader first)
    {
        private readonly AutoResetEvent _given = new(false);
        private IReader? _reader = first;
        private int _isWaiting;

        public bool TryStart()
        {
            if (OwnThread.TryStart(Work, "Anywire TCP"))
            {
                return true;
            }
            _given.Dispose();
            return false;
        }

        public bool TryGive(IReader reader)
        {
            if (Interlocked.CompareExchange(ref _isWaiting, 0, 1) != 1)
            {
                return false;
            }
            _reader = reader;
            _given.Set();
            return true;
        }

        private void Work()
        {
            ShortTurns.Ask();
            while (true)
            {
                _reader!.Read(mayBlock: true);
                _reader = null;
                Volatile.Write(ref _isWaiting, 1);
                threads._idle.Push(this);
                if (_given.WaitOne(Idle))
                {
                    continue;
                }
                if (Interlocked.CompareExchange(ref _isWaiting, 0, 1) == 1)
                {
                    // Whoever takes it from the stack now is told no.
                    Interlocked.Decrement(ref threads._count);
                    _given.Dispose();
                    return;
                }
                _given.WaitOne();
            }
        }
    }
}
