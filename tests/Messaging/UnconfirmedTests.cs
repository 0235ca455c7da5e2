using Anywire.Brokers;
using Grpc.Core;
using NATS.Client.Core;

namespace Anywire.Messaging.Tests;

/// <summary>NATS does not say that it keeps an event.</summary>
public sealed class UnconfirmedTests(NatsTestServer nats)
{
    [Fact]
    public async Task An_event_that_somebody_took_and_nobody_confirmed_may_be_kept()
    {
        var broker = await nats.BrokerAsync();
        await using var bed = new EchoBed(BrokerUnderTest.Of(broker));
        await using var silent = new NatsConnection(new NatsOpts { Url = $"nats://127.0.0.1:{broker.Port}" });
        await using var events = await silent.SubscribeCoreAsync<byte[]>(bed.Events);
        await silent.PingAsync();
        // Longer than the library waits for an answer.
        var error = await Wait.FailsAsync(
            StatusCode.Unavailable, () => bed.Connect().NoteAsync(new Word(), deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(20)).ResponseAsync);
        Assert.False(NotExecuted.IsMarked(error), "The stream may have it.");
    }

    [Fact]
    public async Task An_event_that_nobody_takes_is_not_kept()
    {
        await using var bed = new EchoBed(BrokerUnderTest.Of(await nats.BrokerAsync()));
        var error = await Wait.FailsAsync(StatusCode.Unavailable, () => bed.Connect().NoteAsync(new Word()).ResponseAsync);
        Assert.True(NotExecuted.IsMarked(error), "Nobody has it.");
    }
}
