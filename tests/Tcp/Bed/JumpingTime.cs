namespace Anywire.Tcp.Tests.Bed;

/// <summary>The system's time, whose clock somebody sets; its timestamps and timers go on as they were.</summary>
internal sealed class JumpingTime : TimeProvider
{
    private long _ahead;
    private int _looks;

    /// <summary>How often anybody looked.</summary>
    public int Looks => Volatile.Read(ref _looks);

    public void Jump(TimeSpan by) => Interlocked.Add(ref _ahead, by.Ticks);

    public override DateTimeOffset GetUtcNow()
    {
        Interlocked.Increment(ref _looks);
        return System.GetUtcNow().AddTicks(Volatile.Read(ref _ahead));
    }

    public override long GetTimestamp()
    {
        Interlocked.Increment(ref _looks);
        return System.GetTimestamp();
    }
}
