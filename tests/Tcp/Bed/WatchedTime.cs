using Microsoft.Extensions.Time.Testing;

namespace Anywire.Tcp.Tests.Bed;

/// <summary>A clock that a test sets, and that tells whether somebody waits for it.</summary>
internal sealed class WatchedTime() : FakeTimeProvider(System.GetUtcNow())
{
    private int _timers;

    /// <summary>How many timers were made.</summary>
    public int Timers => Volatile.Read(ref _timers);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        Interlocked.Increment(ref _timers);
        return timer;
    }
}
