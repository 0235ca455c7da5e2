using Grpc.Core;

namespace Anywire.InProcess;

/// <summary>A bounded queue of messages between one writer and one reader, with flow control: a write waits while the reader is behind by the
/// window, counted in messages and in bytes. One read and one write may be under way at once, as gRPC's streams have it.</summary>
internal sealed class MessagePipe<T>(int windowMessages, int windowBytes, Func<T, int> sizeOf)
    where T : class
{
    private readonly Lock _lock = new();
    private readonly Queue<(T Message, int Size)> _queue = new();
    private TaskCompletionSource? _reader;
    private TaskCompletionSource? _writer;
    private long _bytes;
    private bool _completed;
    private bool _aborted;
    private RpcException? _failure;

    /// <summary>Adds a message; completes when the window has room again.</summary>
    /// <returns>False when the pipe is closed and the message went nowhere.</returns>
    /// <exception cref="InvalidOperationException">The write before has not completed.</exception>
    public async ValueTask<bool> WriteAsync(T message, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TaskCompletionSource room;
        lock (_lock)
        {
            if (_writer is not null)
            {
                throw new InvalidOperationException("The write before has not completed: await each before the next.");
            }
            if (_completed)
            {
                return false;
            }
            var size = sizeOf(message);
            _queue.Enqueue((message, size));
            _bytes += size;
            Wake(ref _reader);
            if (HasRoom)
            {
                return true;
            }
            room = _writer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        try
        {
            await room.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            Forget(ref _writer, room);
        }
        return !Volatile.Read(ref _aborted);
    }

    /// <summary>Takes the next message; null at the end of the stream.</summary>
    /// <exception cref="RpcException">The stream ended with a failure.</exception>
    /// <exception cref="InvalidOperationException">The read before has not completed.</exception>
    public async ValueTask<T?> ReadAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        while (true)
        {
            TaskCompletionSource arrival;
            lock (_lock)
            {
                if (_reader is not null)
                {
                    throw new InvalidOperationException("The read before has not completed: await each before the next.");
                }
                if (_queue.TryDequeue(out var next))
                {
                    _bytes -= next.Size;
                    if (HasRoom)
                    {
                        Wake(ref _writer);
                    }
                    return next.Message;
                }
                if (_completed)
                {
                    return _failure is null ? null : throw new RpcException(_failure.Status, _failure.Trailers);
                }
                arrival = _reader = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
            try
            {
                await arrival.Task.WaitAsync(cancellationToken);
            }
            finally
            {
                Forget(ref _reader, arrival);
            }
        }
    }

    /// <summary>No more messages; those in the queue can still be read.</summary>
    public void Complete(RpcException? failure = null)
    {
        lock (_lock)
        {
            if (_completed)
            {
                return;
            }
            (_completed, _failure) = (true, failure);
            Wake(ref _reader);
            Wake(ref _writer);
        }
    }

    /// <summary>Ends the stream at once; what was in the queue is dropped.</summary>
    public void Abort(RpcException failure)
    {
        lock (_lock)
        {
            _queue.Clear();
            _bytes = 0;
            (_completed, _aborted, _failure) = (true, true, failure);
            Wake(ref _reader);
            Wake(ref _writer);
        }
    }

    private bool HasRoom => _queue.Count < windowMessages && _bytes < windowBytes;

    private static void Wake(ref TaskCompletionSource? waiting)
    {
        waiting?.TrySetResult();
        waiting = null;
    }

    // Whoever gave up waiting waits no more.
    private void Forget(ref TaskCompletionSource? waiting, TaskCompletionSource own)
    {
        lock (_lock)
        {
            if (waiting == own)
            {
                waiting = null;
            }
        }
    }
}
