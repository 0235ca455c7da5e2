using Anywire.Udp.Client;
using Twite.Faults;

namespace Anywire.Udp.Tests;

/// <summary>A way that loses, doubles and reorders: calls take longer, and nothing that is awaited is lost or handled twice.</summary>
public sealed class LossTests
{
    public static TheoryData<bool, int> Ways => new() { { true, 0 }, { true, 5 }, { true, 20 }, { false, 20 } };

    [Theory, MemberData(nameof(Ways))]
    public async Task What_is_acknowledged_was_handled_once(bool isSealed, int percent)
    {
        var count = LongForm.IsRequested ? 20_000 : 2_000;
        await using var bed = await EchoBed.StartAsync(isSealed);
        await using var relay = new DatagramRelay(bed.Endpoint.Port) { Percent = percent };
        var echo = bed.Call(relay.Port);
        await Parallel.ForEachAsync(
            Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 64 },
            async (number, token) => await echo.NoteAsync(new Word { Number = number }, cancellationToken: token).ResponseAsync.Soon());
        Assert.Equal(Enumerable.Range(0, count), bed.Echo.Kept.Order());
        Assert.All([Fate.IsLost, Fate.Doubles, Fate.IsLate], fate => Assert.Equal(percent > 0, relay.Count(fate) > 0));
    }

    [Fact]
    public async Task A_report_that_was_lost_is_asked_for_while_callers_go_on_sending()
    {
        await using var bed = await EchoBed.StartAsync(isSealed: false);
        await using var relay = new DatagramRelay(bed.Endpoint.Port) { Percent = 20 };
        var echo = bed.Call(relay.Port);
        var notes = new List<Task<TimeSpan>>();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(2), TimeProvider.System);
        while (notes.Count < 2_000 && await timer.WaitForNextTickAsync())
        {
            notes.Add(TimeAsync(notes.Count));
        }
        var took = (await Task.WhenAll(notes)).Order().ToList();
        Assert.True(took[took.Count / 2] < TimeSpan.FromMilliseconds(500), $"Half of them took over {took[took.Count / 2]}.");

        async Task<TimeSpan> TimeAsync(int number)
        {
            var started = TimeProvider.System.GetTimestamp();
            await echo.NoteAsync(new Word { Number = number }).ResponseAsync.Soon();
            return TimeProvider.System.GetElapsedTime(started);
        }
    }

    [Fact]
    public async Task A_call_that_begins_when_there_was_none_just_now_is_asked_again_all_the_same()
    {
        await using var bed = await EchoBed.StartAsync(isSealed: false);
        await using var relay = new DatagramRelay(bed.Endpoint.Port);
        var time = new StoppingTime();
        var echo = new Echo.EchoClient(bed.Connect(relay.Port, time: time).Invoker);
        var next = new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously);
        time.OnStop = () =>
        {
            relay.IsSilent = true;
            next.SetResult(Task.Run(async () => await echo.NoteAsync(new Word { Number = 2 })));
            // Until it has begun the timer anew; in vain, if it waits until this one has stopped it.
            time.HasBegun.Wait(TimeSpan.FromMilliseconds(500));
        };
        await echo.NoteAsync(new Word { Number = 1 }).ResponseAsync.Soon();
        var second = await next.Task.Soon();
        await Wait.UntilAsync(() => time.HasBegun.IsSet, "the timer runs again");
        relay.IsSilent = false;
        await second.Soon();
        Assert.Equal([1, 2], bed.Echo.Kept);
    }

    [Theory, InlineData(5), InlineData(20)]
    public async Task Each_call_is_answered_with_its_own_reply(int percent)
    {
        await using var bed = await EchoBed.StartAsync();
        await using var relay = new DatagramRelay(bed.Endpoint.Port) { Percent = percent };
        var echo = bed.Call(relay.Port);
        await Parallel.ForEachAsync(Enumerable.Range(0, 1_000), new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (number, token) =>
        {
            var reply = await echo.SayAsync(new Word { Number = number, Text = $"{number}" }, cancellationToken: token).ResponseAsync.Soon();
            Assert.Equal((number, $"{number}"), (reply.Number, reply.Text));
        });
        Assert.Equal(1_000, bed.Echo.Calls);
    }

    [Fact]
    public async Task What_is_not_acknowledged_comes_at_most_once_and_mostly_does()
    {
        const int Count = 20_000;
        await using var bed = await EchoBed.StartAsync();
        await using var relay = new DatagramRelay(bed.Endpoint.Port) { Percent = 5 };
        var client = bed.Connect(relay.Port, queue: Count);
        var echo = new Echo.EchoClient(client.Invoker);
        for (var i = 0; i < Count; i++)
        {
            await echo.ShoutAsync(new Word { Number = i });
        }
        await Wait.UntilAsync(() => bed.Echo.Kept.Count > Count * 3 / 4, "most have come");
        await Wait.UntilStillAsync(() => bed.Echo.Kept.Count);
        Assert.Equal(bed.Echo.Kept.Count, bed.Echo.Kept.Distinct().Count());
        Assert.InRange(bed.Echo.Kept.Count, Count * 3 / 4, Count);
    }

    [Fact]
    public async Task A_burst_does_not_overrun_its_receiver()
    {
        var count = LongForm.IsRequested ? 2_000_000 : 300_000;
        await using var bed = await EchoBed.StartAsync();
        var echo = new Echo.EchoClient(bed.Connect(queue: count).Invoker);
        for (var i = 0; i < count; i++)
        {
            _ = echo.ShoutAsync(new Word { Number = i });
        }
        await Wait.UntilAsync(() => bed.Echo.Kept.Count == count, "every one of the burst has come");
        int[] kept = [.. bed.Echo.Kept];
        // A thread that the machine holds up for 20 ms while it handles one loses its turn, and that one comes later; no other does.
        Assert.InRange(kept.Zip(kept.Skip(1), static (one, next) => next < one).Count(static isBack => isBack), 0, 20);
        Assert.Equal(Enumerable.Range(0, count), kept.Order());
    }

    [Fact]
    public async Task A_call_that_was_given_up_before_there_was_a_connection_is_not_sent()
    {
        await using var bed = await EchoBed.StartAsync(isSealed: false);
        await using var relay = new DatagramRelay(bed.Endpoint.Port) { IsSilent = true };
        var echo = bed.Call(relay.Port);
        echo.NoteAsync(new Word { Number = 1 }).Dispose();
        relay.IsSilent = false;
        await echo.NoteAsync(new Word { Number = 2 }).ResponseAsync.Soon();
        Assert.Equal([2], bed.Echo.Kept);
    }

    [Fact]
    public async Task A_hundred_and_forty_one_characters_of_four_bytes_are_carried()
    {
        await using var bed = await EchoBed.StartAsync();
        var text = string.Concat(Enumerable.Repeat("🐦", 141));
        Assert.Equal(text, (await bed.Call().SayAsync(new Word { Text = text }).ResponseAsync.Soon()).Text);
    }

    [Fact]
    public async Task What_no_datagram_has_room_for_is_refused_at_once_in_words()
    {
        await using var bed = await EchoBed.StartAsync();
        var echo = bed.Call();
        var headers = new Grpc.Core.Metadata { { "long", new string('x', 600) } };
        await echo.SayAsync(new Word { Text = new string('t', 1_100) }).ResponseAsync.Soon();
        var error = await Wait.FailsAsync(Grpc.Core.StatusCode.ResourceExhausted, () => echo.SayAsync(new Word { Text = new string('t', 1_100) }, headers).ResponseAsync);
        Assert.Contains("a datagram has room for 1,202", error.Status.Detail, StringComparison.Ordinal);
        Assert.Equal(1, bed.Echo.Calls);
    }

    [Theory, InlineData(1_000, true), InlineData(1_130, false)]
    public async Task A_trace_is_left_out_where_there_is_no_room_for_it_beside_an_event_and_its_id(int bytes, bool isTraced)
    {
        await using var bed = await EchoBed.StartAsync();
        var (id, seen) = ($"messages-{long.MaxValue}", new Grpc.Core.Metadata());
        bed.Echo.Before = context => seen = context.RequestHeaders;
        using var span = new System.Diagnostics.Activity("test").Start();
        // Three bytes are the field's.
        var word = new Word { Text = new string('t', bytes - 3) };
        Assert.Equal(bytes, word.CalculateSize());
        await bed.Call().SayAsync(word, new Grpc.Core.Metadata { { EventMetadata.IdKey, id } }).ResponseAsync.Soon();
        Assert.Equal((id, isTraced), (seen.GetValue(EventMetadata.IdKey), seen.Get("traceparent") is not null));
    }

    [Fact]
    public async Task Headers_that_no_message_can_have_fail_their_call_and_nothing_else()
    {
        await using var bed = await EchoBed.StartAsync();
        var echo = bed.Call();
        bed.Echo.Before = context => _ = context.WriteResponseHeadersAsync(new Grpc.Core.Metadata { { new string('k', 200), "value" } });
        await Wait.FailsAsync(Grpc.Core.StatusCode.ResourceExhausted, () => echo.SayAsync(new Word()).ResponseAsync);
        bed.Echo.Before = null;
        await echo.SayAsync(new Word()).ResponseAsync.Soon();
    }

    /// <summary>The system's clock, whose timer for a session takes its time when it is stopped for the first time.</summary>
    private sealed class StoppingTime : TimeProvider
    {
        public Action? OnStop { get; set; }

        /// <summary>Set when the timer is begun while it is being stopped, or later.</summary>
        public ManualResetEventSlim HasBegun { get; } = new();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = System.CreateTimer(callback, state, dueTime, period);
            return state is ClientSession ? new Timer(this, timer) : timer;
        }

        private sealed class Timer(StoppingTime time, ITimer timer) : ITimer
        {
            private bool _hasStopped;

            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                if (dueTime == Timeout.InfiniteTimeSpan && !_hasStopped)
                {
                    _hasStopped = true;
                    time.OnStop!();
                }
                var isChanged = timer.Change(dueTime, period);
                if (dueTime != Timeout.InfiniteTimeSpan && _hasStopped)
                {
                    time.HasBegun.Set();
                }
                return isChanged;
            }

            public void Dispose() => timer.Dispose();

            public ValueTask DisposeAsync() => timer.DisposeAsync();
        }
    }
}
