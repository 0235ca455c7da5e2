namespace Anywire.Tcp.Connections;

/// <summary>The right to compute a handshake. A peer that is slow to go on loses it to others, but may go on without.</summary>
internal sealed class HandshakeSlot : IAsyncDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(100);

    private readonly SemaphoreSlim _slots;
    private readonly Timer _timer;
    private int _isReturned;

    private HandshakeSlot(SemaphoreSlim slots)
    {
        _slots = slots;
        _timer = new Timer(static slot => ((HandshakeSlot)slot!).Return(), this, Longest, Timeout.InfiniteTimeSpan);
    }

    public static async Task<HandshakeSlot> TakeAsync(SemaphoreSlim slots, CancellationToken cancellationToken)
    {
        await slots.WaitAsync(cancellationToken);
        return new HandshakeSlot(slots);
    }

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        Return();
    }

    private void Return()
    {
        if (Interlocked.Exchange(ref _isReturned, 1) == 0)
        {
            _slots.Release();
        }
    }
}
