using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Anywire.Messaging;

/// <summary>Lets what messages bring about run on the pool's threads, in the order in which they came, without an item of the pool's for each: many come at once, and whoever
/// takes one goes on with the next. As long as more wait another thread is called, so nobody waits for one that blocks. Any thread may use it.</summary>
internal sealed class Turns : IThreadPoolWorkItem
{
    private readonly ConcurrentQueue<Action> _waiting = new();
    private int _isCalled;

    /// <summary>Runs something soon.</summary>
    /// <param name="turn">What; it does not throw.</param>
    public void Add(Action turn)
    {
        _waiting.Enqueue(turn);
        Call();
    }

    /// <summary>Awaiting this goes on in one's turn.</summary>
    public Awaiter GetAwaiter() => new(this);

    void IThreadPoolWorkItem.Execute()
    {
        // Before it looks whether somebody waits, and not only in the order of this thread: who comes after that calls.
        Interlocked.Exchange(ref _isCalled, 0);
        while (_waiting.TryDequeue(out var turn))
        {
            if (!_waiting.IsEmpty)
            {
                Call();
            }
            turn();
        }
    }

    private void Call()
    {
        if (Volatile.Read(ref _isCalled) == 0 && Interlocked.Exchange(ref _isCalled, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>Of the compiler's pattern.</summary>
    public readonly struct Awaiter(Turns turns) : ICriticalNotifyCompletion
    {
        /// <summary>Never: it is somebody else's turn.</summary>
        public bool IsCompleted => false;

        public void GetResult()
        {
        }

        public void OnCompleted(Action continuation) => turns.Add(continuation);

        public void UnsafeOnCompleted(Action continuation) => turns.Add(continuation);
    }
}
