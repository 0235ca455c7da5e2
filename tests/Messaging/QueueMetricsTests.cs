using Anywire.Brokers;
using Anywire.Messaging.Server;

namespace Anywire.Messaging.Tests;

/// <summary>What a broker keeps is shown to whoever watches.</summary>
public sealed class QueueMetricsTests(NatsTestServer server)
{
    [Fact]
    public async Task How_many_messages_wait_is_shown_while_somebody_watches()
    {
        var waiting = 7L;
        using var shown = new ShownQueues();
        await using (new QueueDepths("test", "echo", _ => Task.FromResult<IReadOnlyList<(string, long)>>([("events", Interlocked.Read(ref waiting)), ("dead", 1)]), TimeProvider.System))
        {
            await Wait.UntilAsync(() => shown.Now("test", "echo", "events") == 7 && shown.Now("test", "echo", "dead") == 1, "it shows what waits");
            Interlocked.Exchange(ref waiting, 0);
            await Wait.UntilAsync(() => shown.Now("test", "echo", "events") == 0, "it shows that nothing waits any more");
        }
        Assert.Null(shown.Now("test", "echo", "events"));
    }

    [Fact]
    public async Task A_server_over_a_broker_shows_its_events_and_its_dead_letters()
    {
        using var shown = new ShownQueues();
        await using var bed = new EchoBed(BrokerUnderTest.Of(await server.BrokerAsync()));
        await bed.ListenAsync();
        await Wait.UntilAsync(() => shown.Now("NATS", "echo", "events") == 0 && shown.Now("NATS", "echo", "dead") == 0, "both queues are shown");
    }
}
