namespace Anywire.Tcp.Connections;

/// <summary>The right to compute a handshake. Whoever waits for the other side lets go of it meanwhile, so that those who are slow or silent hold up nobody.
/// One thread at a time.</summary>
/// <param name="slots">As many as may compute at once.</param>
internal sealed class HandshakeSlot(SemaphoreSlim slots) : IDisposable
{
    private bool _isHeld;

    public async Task TakeAsync(CancellationToken cancellationToken)
    {
        await slots.WaitAsync(cancellationToken);
        _isHeld = true;
    }

    public void Release()
    {
        if (_isHeld)
        {
            _isHeld = false;
            slots.Release();
        }
    }

    public void Dispose() => Release();
}
