using Anywire.Brokers;
using Microsoft.Extensions.Time.Testing;

namespace Anywire.Messaging.Tests;

/// <summary>What a handler needs is away for longer than a broker delivers anything in vain.</summary>
public sealed class OutageTests(RabbitMqTestServer rabbit, NatsTestServer nats)
{
    // Between two tries lies no more than the longest pause, 5 s: over 13 minutes.
    private const int Tries = 160;

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    // One more than the broker delivers in vain.
    private const int Stops = 6;

    [Fact]
    public async Task Over_NATS_an_event_waits_for_minutes_and_is_handled() => await WaitsAsync(BrokerUnderTest.Of(await nats.BrokerAsync()));

    [Fact]
    public async Task Over_RabbitMQ_an_event_waits_for_minutes_and_is_handled() => await WaitsAsync(BrokerUnderTest.Of(await rabbit.BrokerAsync()));

    [Fact]
    public async Task Over_NATS_an_event_waits_while_one_instance_after_another_stops() => await WaitsForTheNextAsync(BrokerUnderTest.Of(await nats.BrokerAsync()));

    [Fact]
    public async Task Over_RabbitMQ_an_event_waits_while_one_instance_after_another_stops() => await WaitsForTheNextAsync(BrokerUnderTest.Of(await rabbit.BrokerAsync()));

    private static async Task WaitsAsync(BrokerUnderTest broker)
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var bed = new EchoBed(broker) { Time = time, AwayFor = Tries };
        var echo = await bed.ListenAsync();
        await bed.Connect().NoteAsync(new Word { Text = "at last" }).ResponseAsync.Soon();
        await Wait.UntilAsync(
            () =>
            {
                time.Advance(LongestPause);
                return !echo.Notes.IsEmpty || !bed.DeadLetters.IsEmpty;
            },
            "it is handled");
        Assert.Empty(bed.DeadLetters);
        Assert.Equal(["at last"], echo.Notes);
    }

    private static async Task WaitsForTheNextAsync(BrokerUnderTest broker)
    {
        await using var bed = new EchoBed(broker) { AwayFor = int.MaxValue };
        var (server, echo) = await bed.ServeAsync();
        await bed.Connect().NoteAsync(new Word { Text = "at last" }).ResponseAsync.Soon();
        for (var stop = 0; stop < Stops; stop++)
        {
            await Wait.UntilAsync(() => echo.AwayFor < int.MaxValue || !bed.DeadLetters.IsEmpty, "it is tried");
            await server.StopAsync(CancellationToken.None).Soon();
            await server.DisposeAsync();
            bed.AwayFor = stop == Stops - 1 ? 0 : int.MaxValue;
            (server, echo) = await bed.ServeAsync();
        }
        await Wait.UntilAsync(() => !echo.Notes.IsEmpty || !bed.DeadLetters.IsEmpty, "it is handled");
        Assert.Empty(bed.DeadLetters);
        Assert.Equal(["at last"], echo.Notes);
    }
}
