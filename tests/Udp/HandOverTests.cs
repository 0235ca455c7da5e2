using System.Diagnostics.Metrics;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Anywire.Udp.Tests;

/// <summary>Who sends what a program says: the thread that says it hands events over, and the one that receives sends what replies bring about.</summary>
public sealed class HandOverTests
{
    [Fact]
    public async Task Events_do_not_wait_in_a_queue_where_there_is_room()
    {
        const int Count = 500;
        await using var bed = await EchoBed.StartAsync();
        using var dropped = new Counted("anywire.best_effort.dropped");
        var echo = new Echo.EchoClient(bed.Connect(queue: 1).Invoker);
        await echo.SayAsync(new Word()).ResponseAsync.Soon();
        for (var i = 0; i < Count; i++)
        {
            _ = echo.ShoutAsync(new Word { Number = i });
        }
        await Wait.UntilAsync(() => bed.Echo.Kept.Count == Count, "all have come");
        Assert.Equal(Enumerable.Range(0, Count), bed.Echo.Kept);
        Assert.Equal(0, dropped.Own);
    }

    [Fact]
    public async Task An_event_that_fits_no_datagram_is_counted_and_nobody_is_told()
    {
        await using var bed = await EchoBed.StartAsync();
        using var dropped = new Counted("anywire.best_effort.dropped");
        var echo = bed.Call();
        await echo.SayAsync(new Word()).ResponseAsync.Soon();
        await echo.ShoutAsync(new Word { Text = new string('t', 2_000) }).ResponseAsync.Soon();
        Assert.Equal(1, dropped.Own);
        await echo.ShoutAsync(new Word { Number = 1 }).ResponseAsync.Soon();
        await Wait.UntilAsync(() => bed.Echo.Kept.Count == 1, "the next one has come");
        Assert.Equal([1], bed.Echo.Kept);
    }

    [Fact]
    public async Task Whoever_blocks_after_a_reply_until_the_next_one_gets_it()
    {
        await using var bed = await EchoBed.StartAsync();
        var echo = bed.Call();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(BlockAsync)).Soon();

        async Task BlockAsync(int number)
        {
            await echo.SayAsync(new Word { Number = number }).ConfigureAwait(false);
#pragma warning disable VSTHRD103 // To block is the case: this is the thread that receives.
            Assert.Equal(number + 10, echo.Say(new Word { Number = number + 10 }).Number);
#pragma warning restore VSTHRD103
        }
    }

    [Fact]
    public async Task An_event_may_be_sent_while_another_is_being_written()
    {
        await using var bed = await EchoBed.StartAsync();
        var client = bed.Connect();
        var echo = new Echo.EchoClient(client.Invoker);
        await echo.SayAsync(new Word()).ResponseAsync.Soon();
        // As a log or a meter would do that sends what it is told.
        var shout = new Method<Word, Empty>(
            MethodType.Unary, "anywire.udp.tests.Echo", "Shout",
            Marshallers.Create(
                word =>
                {
                    _ = echo.ShoutAsync(new Word { Number = 5 });
                    return word.ToByteArray();
                },
                Word.Parser.ParseFrom),
            Marshallers.Create(static empty => empty.ToByteArray(), Empty.Parser.ParseFrom));
        await client.Invoker.AsyncUnaryCall(shout, null, new CallOptions(), new Word()).ResponseAsync.Soon();
        await Wait.UntilAsync(() => bed.Echo.Kept.Count == 2, "both have come");
        Assert.Equal([0, 5], bed.Echo.Kept.Order());
    }

    [Fact]
    public async Task A_reply_that_its_marshaller_cannot_read_ends_its_call_and_no_other()
    {
        await using var bed = await EchoBed.StartAsync();
        var client = bed.Connect();
        var say = new Method<Word, Word>(
            MethodType.Unary, "anywire.udp.tests.Echo", "Say",
            Marshallers.Create(static word => word.ToByteArray(), Word.Parser.ParseFrom),
            Marshallers.Create<Word>(static word => word.ToByteArray(), static _ => throw new FormatException("not so")));
        await Wait.FailsAsync(StatusCode.Internal, () => client.Invoker.AsyncUnaryCall(say, null, new CallOptions(), new Word()).ResponseAsync);
        Assert.Equal(5, (await new Echo.EchoClient(client.Invoker).SayAsync(new Word { Number = 5 }).ResponseAsync.Soon()).Number);
    }

    [Fact]
    public async Task The_size_of_an_event_is_recorded_when_it_has_been_sent_and_its_duration_too()
    {
        await using var bed = await EchoBed.StartAsync();
        var echo = new Echo.EchoClient(bed.Connect(queue: 1).Invoker);
        await echo.SayAsync(new Word()).ResponseAsync.Soon();
        var (sizes, durations) = (0, 0);
        var flow = new AsyncLocal<bool> { Value = true };
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, l) =>
            {
                if (instrument.Name is "anywire.client.request.size" or "rpc.client.call.duration")
                {
                    l.EnableMeasurementEvents(instrument);
                }
            },
        };
        // Other tests' calls are recorded at the same time.
        listener.SetMeasurementEventCallback<long>((_, _, _, _) => sizes += flow.Value ? 1 : 0);
        listener.SetMeasurementEventCallback<double>((_, _, _, _) => durations += flow.Value ? 1 : 0);
        listener.Start();
        for (var i = 0; i < 10; i++)
        {
            await echo.ShoutAsync(new Word { Number = i }).ResponseAsync.Soon();
        }
        await echo.ShoutAsync(new Word { Text = new string('t', 2_000) }).ResponseAsync.Soon();
        await Wait.UntilAsync(() => bed.Echo.Kept.Count == 10, "all have come");
        Assert.Equal((10, 11), (sizes, durations));
    }
}
