using Twite.Lab.Load;
using Twite.Lab.Rounds;

namespace Twite.Lab.Tests.Load;

/// <summary>The open loop's numbers are those of what it measures, on a clock that only it moves.</summary>
public sealed class OpenLoopTests
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void A_latency_of_5_ms_is_measured_as_5_ms()
    {
        var time = new SimulatedTime();
        var result = new OpenLoop(time.Clock, time, Tolerance).Run((_, _) => time.TakeAsync(TimeSpan.FromMilliseconds(5)), 1_000, Second);
        Assert.Equal(1_000, result.Calls);
        Assert.Equal((0, 0), (result.Failures, result.Late));
        AssertMicroseconds(5_000, result.Latencies.Percentile(50));
        AssertMicroseconds(5_000, result.Latencies.Percentile(99.9));
        AssertMicroseconds(5_000, result.Latencies.Max);
    }

    [Fact]
    public void A_pause_of_the_server_is_seen_by_every_call_that_came_meanwhile()
    {
        var time = new SimulatedTime();
        var (pause, end) = (Second, Second + TimeSpan.FromMilliseconds(500));
        var open = new OpenLoop(time.Clock, time, Tolerance).Run(
            (_, _) => time.TakeAsync((time.Now >= pause && time.Now < end ? end - time.Now : TimeSpan.Zero) + TimeSpan.FromMilliseconds(1)), 1_000, 2 * Second);
        // A quarter of the calls came in the pause, and waited for what was left of it: 0 to 500 ms, evenly.
        AssertMicroseconds(1_000, open.Latencies.Percentile(50));
        Assert.InRange(open.Latencies.Percentile(90), 295_000, 306_000);
        Assert.InRange(open.Latencies.Percentile(99), 475_000, 486_000);
        Assert.InRange(open.Latencies.Max, 500_000, 502_000);
    }

    [Fact]
    public async Task A_closed_loop_would_have_hidden_that_pause()
    {
        var time = new SimulatedTime();
        var closed = await ClosedLoop.RunAsync(
            (number, _) =>
            {
                time.Clock.Advance(number == 1_000 ? TimeSpan.FromMilliseconds(500) : TimeSpan.FromMilliseconds(1));
                return ValueTask.FromResult(true);
            },
            callers: 1, 2 * Second, time.Clock);
        AssertMicroseconds(1_000, closed.Latencies.Percentile(99.9));
        AssertMicroseconds(500_000, closed.Latencies.Max, tolerance: 500);
    }

    [Theory]
    [InlineData(10, false)]
    [InlineData(11, true)]
    public void A_generator_that_was_late_for_more_than_one_in_a_hundred_gives_no_figure(int stalls, bool refused)
    {
        // A hundred calls a second: the stall of one has ended before the next.
        var time = new SimulatedTime { Stall = wait => wait < stalls ? TimeSpan.FromMilliseconds(6) : TimeSpan.Zero };
        var result = new OpenLoop(time.Clock, time, Tolerance).Run((_, _) => ValueTask.FromResult(true), 100, 10 * Second);
        Assert.Equal((1_000, stalls), (result.Calls, result.Late));
        Assert.Equal(refused, Sample.RefuseLate(result.Late, result.Calls, Tolerance) is not null);
    }

    [Fact]
    public void A_generator_that_was_a_little_late_counts_it_as_latency()
    {
        var time = new SimulatedTime { Stall = _ => TimeSpan.FromMilliseconds(4) };
        var result = new OpenLoop(time.Clock, time, Tolerance).Run((_, _) => ValueTask.FromResult(true), 10, Second);
        Assert.Equal(0, result.Late);
        AssertMicroseconds(4_000, result.Latencies.Percentile(50));
    }

    [Fact]
    public void What_fails_or_is_answered_wrongly_is_counted_and_the_first_is_told()
    {
        var time = new SimulatedTime();
        var result = new OpenLoop(time.Clock, time, Tolerance).Run(
            (number, _) => (number % 10) switch
            {
                3 => throw new InvalidOperationException($"number {number}"),
                7 => ValueTask.FromResult(false),
                _ => time.TakeAsync(TimeSpan.FromMilliseconds(1)),
            },
            100, Second);
        Assert.Equal((100, 20, "number 3"), (result.Calls, result.Failures, result.FirstFailure));
        Assert.Equal([3, 7, 13, 17], result.Failed.Take(4));
    }

    [Fact]
    public void A_call_that_never_ends_is_given_up_and_has_failed()
    {
        var time = new SimulatedTime();
        var never = new TaskCompletionSource<bool>();
        var result = new OpenLoop(time.Clock, time, Tolerance).Run((number, _) => number == 5 ? new ValueTask<bool>(never.Task) : ValueTask.FromResult(true), 10, Second);
        Assert.Equal((10, 1), (result.Calls, result.Failures));
        Assert.Equal(9, result.Latencies.Count);
    }

    [Fact]
    public void One_call_that_takes_its_time_does_not_make_the_rate_lower()
    {
        var time = new SimulatedTime();
        var result = new OpenLoop(time.Clock, time, Tolerance).Run((number, _) => time.TakeAsync(number == 500 ? 6 * Second : TimeSpan.FromMilliseconds(1)), 1_000, Second);
        Assert.Equal((1_000, 0), (result.Calls, result.Failures));
        Assert.InRange(result.Elapsed, 0.99 * Second, 1.01 * Second);
    }

    private static void AssertMicroseconds(double expected, double actual, double? tolerance = null) =>
        Assert.InRange(actual, expected * 0.999, expected * 1.001 + (tolerance ?? SimulatedTime.Step.TotalMicroseconds));
}
