namespace Anywire.Tcp.Connections;

/// <summary>How much of one stream may still be sent before the other side has read some. Any thread; one sender.</summary>
internal sealed class SendWindow(int bytes)
{
    /// <summary>What a message costs besides its bytes, so that a flood of empty ones is bounded too.</summary>
    public const int MessageCost = 64;

    private readonly Lock _lock = new();
    private long _left = bytes;
    private TaskCompletionSource? _arrived;
    private TaskCompletionSource? _closed;
    private bool _isClosed;

    /// <summary>Takes room for a message; the last one may overdraw what is left.</summary>
    /// <returns>False when nothing may be sent any more, or, with a task to wait for, not now.</returns>
    public bool TryTake(int messageBytes, out Task? arrived)
    {
        lock (_lock)
        {
            arrived = null;
            if (_isClosed)
            {
                return false;
            }
            if (_left > 0)
            {
                _left -= messageBytes + MessageCost;
                return true;
            }
            _arrived ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            arrived = _arrived.Task;
            return false;
        }
    }

    /// <summary>The other side has read so much, or so much that was taken was not sent.</summary>
    public void Add(uint read)
    {
        lock (_lock)
        {
            _left = Math.Min(_left + read, bytes);
            Wake();
        }
    }

    /// <summary>Nothing may be sent any more.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            _closed?.TrySetResult();
            Wake();
        }
    }

    /// <summary>Completes when nothing may be sent any more.</summary>
    public Task ClosedAsync()
    {
        lock (_lock)
        {
            if (_isClosed)
            {
                return Task.CompletedTask;
            }
            _closed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _closed.Task;
        }
    }

    private void Wake()
    {
        _arrived?.TrySetResult();
        _arrived = null;
    }
}
