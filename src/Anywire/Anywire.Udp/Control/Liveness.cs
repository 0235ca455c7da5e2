namespace Anywire.Udp.Control;

/// <summary>Reads a control connection and says every other second that this side is there. A connection on which nothing comes for longer is given up: its other half is gone,
/// whatever TCP believes.</summary>
internal static class Liveness
{
    /// <summary>How often a side says that it is there.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>How long the other side may be silent.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(8);

    /// <summary>Runs until the connection ends.</summary>
    /// <param name="stream">The connection.</param>
    /// <param name="take">Takes a frame.</param>
    /// <param name="tell">Says that this side is there.</param>
    /// <param name="time">The clock.</param>
    /// <param name="closing">Ends it.</param>
    /// <exception cref="IOException">It was lost, or what came is no frame.</exception>
    /// <exception cref="OperationCanceledException">Nothing came for too long, or it was ended.</exception>
    public static async Task RunAsync(
        ControlStream stream, Func<ControlKind, ReadOnlyMemory<byte>, Task> take, Func<CancellationToken, Task> tell, TimeProvider time, CancellationToken closing)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(closing);
        var telling = TellAsync(tell, time, ended);
        try
        {
            while (true)
            {
                using var silence = new CancellationTokenSource(Silence, time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, ended.Token);
                var (kind, payload) = await stream.ReadAsync(either.Token);
                await take(kind, payload);
            }
        }
        finally
        {
            await ended.CancelAsync();
            await telling;
        }
    }

    private static async Task TellAsync(Func<CancellationToken, Task> tell, TimeProvider time, CancellationTokenSource ended)
    {
        try
        {
            while (true)
            {
                await Task.Delay(Interval, time, ended.Token);
                await tell(ended.Token);
            }
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or ObjectDisposedException)
        {
            await ended.CancelAsync();
        }
    }
}
