using Anywire.Brokers;
using NATS.Client.Core;
using NATS.Client.JetStream;
using Twite.Faults;

namespace Anywire.Messaging.Tests;

/// <summary>More events come than one instance handles at once, and none of them comes to an end.</summary>
public sealed class RoomTests(RabbitMqTestServer rabbit, NatsTestServer nats)
{
    private const int AtOnce = 64;
    private const int Events = 100;
    private const int Many = 2_000;
    private const int Stops = 5;

    [Fact]
    public async Task Over_NATS_what_one_instance_has_no_room_for_waits_for_another_and_is_not_delivered_in_vain()
    {
        var broker = await nats.BrokerAsync();
        await using var bed = new EchoBed(BrokerUnderTest.Of(broker));
        await TakesWhatThereIsRoomForAsync(bed);
        await using var connection = new NatsConnection(new NatsOpts { Url = $"nats://127.0.0.1:{broker.Port}" });
        var consumer = await new NatsJSContext(connection).GetConsumerAsync(bed.Events.Replace('.', '_'), "handlers");
        Assert.Equal(0, consumer.Info.NumRedelivered);
    }

    [Fact]
    public async Task Over_RabbitMQ_what_one_instance_has_no_room_for_waits_for_another()
    {
        LongForm.RequireIf(isLong: true);
        await using var bed = new EchoBed(BrokerUnderTest.Of(await rabbit.BrokerAsync()));
        await TakesWhatThereIsRoomForAsync(bed);
    }

    [Fact]
    public async Task Over_NATS_an_instance_that_stops_leaves_nothing_that_it_has_taken()
    {
        var broker = await nats.BrokerAsync();
        await using var bed = new EchoBed(BrokerUnderTest.Of(broker));
        await using var connection = new NatsConnection(new NatsOpts { Url = $"nats://127.0.0.1:{broker.Port}" });
        var stream = new NatsJSContext(connection);
        await (await bed.ServeAsync()).Server.StopAsync(CancellationToken.None);
        var client = bed.Connect();
        for (var stop = 0; stop < Stops; stop++)
        {
            await Task.WhenAll(Enumerable.Range(0, Many).Select(n => client.NoteAsync(new Word { Text = $"{n}" }).ResponseAsync)).Soon();
            var (server, echo) = await bed.ServeAsync();
            // It is in the midst of them.
            await Wait.UntilAsync(() => !echo.Notes.IsEmpty, "it handles some");
            await server.StopAsync(CancellationToken.None).Soon();
            await Wait.UntilAsync(
                async () => (await stream.GetConsumerAsync(bed.Events.Replace('.', '_'), "handlers")).Info.NumAckPending == 0, "all that it has taken is acknowledged");
        }
    }

    private static async Task TakesWhatThereIsRoomForAsync(EchoBed bed)
    {
        var (server, one) = await bed.ServeAsync("one");
        var answers = new TaskCompletionSource();
        one.Answers = answers.Task;
        var client = bed.Connect();
        await Task.WhenAll(Enumerable.Range(0, Events).Select(n => client.NoteAsync(new Word { Text = $"{n}" }).ResponseAsync)).Soon();
        await Wait.UntilAsync(() => server.CallsInFlight == AtOnce, "it has no more room");
        var two = await bed.ListenAsync("two");
        await Wait.UntilAsync(() => two.Notes.Count == Events - AtOnce, "the other has handled the rest");
        answers.SetResult();
        await Wait.UntilAsync(() => one.Notes.Count == AtOnce, "the one has handled what it had");
    }
}
