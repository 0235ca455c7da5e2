using Twite.Lab.Load;

namespace Twite.Lab.Tests.Load;

public sealed class ClosedLoopTests
{
    [Fact]
    public async Task Each_caller_calls_again_when_it_has_been_answered()
    {
        var time = new SimulatedTime();
        var result = await ClosedLoop.RunAsync(
            (_, _) =>
            {
                time.Clock.Advance(TimeSpan.FromMilliseconds(2));
                return ValueTask.FromResult(true);
            },
            callers: 1, TimeSpan.FromSeconds(1), time.Clock);
        Assert.Equal((500, 0), (result.Calls, result.Failures));
        Assert.Equal(TimeSpan.FromSeconds(1), result.Elapsed);
        Assert.InRange(result.Latencies.Percentile(50), 1_998, 2_002);
    }

    [Fact]
    public async Task No_two_calls_have_one_number_and_none_is_left_out()
    {
        var time = new SimulatedTime();
        var numbers = new System.Collections.Concurrent.ConcurrentBag<long>();
        var result = await ClosedLoop.RunAsync(
            async (number, _) =>
            {
                numbers.Add(number);
                await Task.Yield();
                time.Clock.Advance(TimeSpan.FromMilliseconds(1));
                return true;
            },
            callers: 8, TimeSpan.FromSeconds(1), time.Clock);
        Assert.Equal(result.Calls, numbers.Count);
        Assert.Equal(numbers.Count, numbers.Distinct().Count());
        // Each caller has every eighth: none of a caller's own is left out.
        Assert.All(numbers.GroupBy(n => n % 8), own => Assert.Equal(own.Count() - 1, own.Max() / 8));
    }

    [Fact]
    public void Histograms_survive_being_sent()
    {
        var latencies = new Latencies();
        for (var i = 1; i <= 10_000; i++)
        {
            latencies.Record(i * 1_000L);
        }
        var received = Latencies.Decode(latencies.Encode());
        Assert.Equal(10_000, received.Count);
        Assert.InRange(received.Percentile(99), 9_900, 9_910);
        Assert.InRange(received.Max, 10_000, 10_010);
    }

    [Fact]
    public void Histograms_of_very_many_different_values_survive_it_too()
    {
        var (latencies, random) = (new Latencies(), new Random(141));
        for (var i = 0; i < 300_000; i++)
        {
            latencies.Record((long)Math.Pow(10, 2 + 8 * random.NextDouble()));
        }
        var received = Latencies.Decode(latencies.Encode());
        Assert.Equal(latencies.Count, received.Count);
        Assert.Equal(latencies.Max, received.Max);
        Assert.All(new[] { 1, 25, 50, 90, 99, 99.9 }, percent => Assert.Equal(latencies.Percentile(percent), received.Percentile(percent)));
    }

    [Fact]
    public async Task The_pacer_never_returns_before_its_time()
    {
        var time = TimeProvider.System;
        var pacer = new SleepingPacer(time);
        await Task.Factory.StartNew(
            () =>
            {
                for (var i = 1; i <= 200; i++)
                {
                    var until = time.GetTimestamp() + i * time.TimestampFrequency / 100_000;
                    pacer.WaitUntil(until);
                    Assert.True(time.GetTimestamp() >= until);
                }
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }
}
