using System.Net.Sockets;

namespace Twite.Lab.Loss;

/// <summary>One direction between a caller and a server. One thread at a time hands datagrams over.</summary>
/// <param name="roll">Decides about the next one.</param>
/// <param name="send">Sends one on.</param>
/// <param name="happened">Told what became of one, once it has.</param>
/// <param name="time">The clock.</param>
internal sealed class LossyWay(Func<Fate> roll, Func<byte[], ValueTask<int>> send, Action<Fate> happened, TimeProvider time) : IAsyncDisposable
{
    // As a longer way through a network: what waited for a next one that does not come would be lost, and not late.
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(20);

    private byte[]? _late;
    private ITimer? _overdue;

    /// <summary>Sends one on, or does not, or twice, or after the next one.</summary>
    public async ValueTask PassAsync(byte[] datagram)
    {
        switch (roll())
        {
            case Fate.IsLost:
                happened(Fate.IsLost);
                return;
            case Fate.IsLate when Interlocked.CompareExchange(ref _late, datagram, null) is null:
                _overdue ??= time.CreateTimer(_ => _ = SendOverdueAsync(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                _overdue.Change(Longest, Timeout.InfiniteTimeSpan);
                return;
            case Fate.Doubles:
                await send(datagram);
                happened(Fate.Doubles);
                break;
            case Fate.Passes:
            case Fate.IsLate:
            default:
                break;
        }
        await send(datagram);
        await SendLateAsync();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _overdue?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async ValueTask SendLateAsync()
    {
        if (Interlocked.Exchange(ref _late, null) is { } late)
        {
            await send(late);
            happened(Fate.IsLate);
        }
    }

    private async Task SendOverdueAsync()
    {
        try
        {
            await SendLateAsync();
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // One of them has gone, or the relay has.
        }
    }
}
