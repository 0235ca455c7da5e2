using Microsoft.Extensions.Time.Testing;
using Twite.Lab.Load;

namespace Twite.Lab.Tests.Load;

/// <summary>A clock that only waiting moves: what a generator measures on it is exact, whatever the machine does.</summary>
internal sealed class SimulatedTime : IPacer
{
    /// <summary>Timers fire to within this.</summary>
    public static readonly TimeSpan Step = TimeSpan.FromMilliseconds(0.1);

    private readonly long _started;

    public SimulatedTime() => _started = Clock.GetTimestamp();

    public FakeTimeProvider Clock { get; } = new();

    /// <summary>Since the test began.</summary>
    public TimeSpan Now => Clock.GetElapsedTime(_started);

    /// <summary>When the generator, and not what it measures, loses time: how long, before a given wait.</summary>
    public Func<long, TimeSpan> Stall { get; init; } = _ => TimeSpan.Zero;

    private long _waits;

    public void WaitUntil(long timestamp)
    {
        var until = timestamp + (long)(Stall(_waits++).TotalSeconds * Clock.TimestampFrequency);
        while (Clock.GetTimestamp() < until)
        {
            var left = Clock.GetElapsedTime(Clock.GetTimestamp(), until);
            Clock.Advance(left < Step ? left : Step);
        }
    }

    /// <summary>Something that takes a while.</summary>
    public async ValueTask<bool> TakeAsync(TimeSpan duration)
    {
        await Task.Delay(duration, Clock);
        return true;
    }
}
