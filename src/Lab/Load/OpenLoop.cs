namespace Twite.Lab.Load;

/// <summary>Sends at a constant rate whatever the answers do, as the users of a network do, and counts each latency from the moment the call
/// was to be sent. A server that stalls is thus seen by every call that would have come meanwhile (no coordinated omission). Whether the generator
/// itself kept up is told by <see cref="LoopResult.Late"/>.</summary>
/// <param name="time">The clock.</param>
/// <param name="pacer">Waits for the moments to send.</param>
/// <param name="tolerance">A send that left this much later than it was meant to is late.</param>
internal sealed class OpenLoop(TimeProvider time, IPacer pacer, TimeSpan tolerance)
{
    // Longer than any deadline of the contracts it sends to.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(1);

    private long _open;

    /// <summary>Sends for a while and waits for what is still open. Blocks the calling thread: give it one of its own
    /// (<see cref="RunAsync"/>).</summary>
    /// <param name="call">The call.</param>
    /// <param name="rate">Sends per second.</param>
    /// <param name="duration">How long to send.</param>
    public LoopResult Run(Operation call, double rate, TimeSpan duration)
    {
        var tally = new Tally(time);
        var sends = Math.Max(1, (long)(rate * duration.TotalSeconds));
        var interval = time.TimestampFrequency / rate;
        var late = 0L;
        var started = time.GetTimestamp();
        for (long number = 0; number < sends; number++)
        {
            var intended = started + (long)(number * interval);
            pacer.WaitUntil(intended);
            if (time.GetTimestamp() - intended > Ticks(tolerance))
            {
                late++;
            }
            Interlocked.Increment(ref _open);
            _ = SendAsync(tally, call, number, intended);
        }
        // One call that takes its time says nothing of how many were carried a second.
        var sending = time.GetElapsedTime(started);
        var patience = time.GetTimestamp() + Ticks(Patience);
        while (Interlocked.Read(ref _open) > 0 && time.GetTimestamp() < patience)
        {
            pacer.WaitUntil(time.GetTimestamp() + Ticks(Glance));
        }
        return tally.Result(sending, late, Interlocked.Read(ref _open));
    }

    /// <summary><see cref="Run"/> on a thread of its own.</summary>
    public Task<LoopResult> RunAsync(Operation call, double rate, TimeSpan duration) =>
        Task.Factory.StartNew(() => Run(call, rate, duration), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private async Task SendAsync(Tally tally, Operation call, long number, long intended)
    {
        await tally.MakeAsync(call, number, intended);
        Interlocked.Decrement(ref _open);
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);
}
