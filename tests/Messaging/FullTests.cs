using Anywire.Brokers;
using Grpc.Core;
using NATS.Client.Core;
using NATS.Client.JetStream;
using RabbitMQ.Client;
using Twite.Faults;

namespace Anywire.Messaging.Tests;

/// <summary>As much waits as may: more is refused at once, and taken again when there is room.</summary>
public sealed class FullTests(RabbitMqTestServer rabbit, NatsTestServer nats)
{
    private const int MostWaiting = 16_384;
    private const int MostEvents = 5;

    [Fact]
    public async Task Over_NATS_one_call_more_than_may_wait_for_its_answer_is_refused()
    {
        var broker = await nats.BrokerAsync();
        await using var bed = new EchoBed(BrokerUnderTest.Of(broker));
        await using var silent = new NatsConnection(new NatsOpts { Url = $"nats://127.0.0.1:{broker.Port}" });
        await using var requests = await silent.SubscribeCoreAsync<byte[]>(bed.Requests);
        await silent.PingAsync();
        await OneMoreThanMayWaitIsRefusedAsync(bed);
    }

    [Fact]
    public async Task Over_RabbitMQ_one_call_more_than_may_wait_for_its_answer_is_refused()
    {
        LongForm.RequireIf(isLong: true);
        var broker = await rabbit.BrokerAsync();
        await using var bed = new EchoBed(BrokerUnderTest.Of(broker));
        await using var silent = await new ConnectionFactory { HostName = "127.0.0.1", Port = broker.Port }.CreateConnectionAsync();
        await using var channel = await silent.CreateChannelAsync();
        await channel.QueueDeclareAsync(bed.Requests, durable: false, exclusive: false, autoDelete: true);
        await OneMoreThanMayWaitIsRefusedAsync(bed);
    }

    [Fact]
    public async Task Over_NATS_an_event_more_than_the_stream_may_keep_is_refused()
    {
        var broker = await nats.BrokerAsync();
        await using var bed = new EchoBed(BrokerUnderTest.Of(broker));
        await using var connection = new NatsConnection(new NatsOpts { Url = $"nats://127.0.0.1:{broker.Port}" });
        await OneMoreThanMayBeKeptIsRefusedAsync(bed, async () =>
        {
            var jetStream = new NatsJSContext(connection);
            var stream = await jetStream.GetStreamAsync(bed.Events.Replace('.', '_'));
            stream.Info.Config.MaxMsgs = MostEvents;
            await jetStream.UpdateStreamAsync(stream.Info.Config);
        });
    }

    [Fact]
    public async Task Over_RabbitMQ_an_event_more_than_the_queue_may_keep_is_refused()
    {
        LongForm.RequireIf(isLong: true);
        var broker = await rabbit.BrokerAsync();
        await using var bed = new EchoBed(BrokerUnderTest.Of(broker));
        // The smaller of the queue's own limit and this one holds (https://www.rabbitmq.com/docs/maxlength).
        await OneMoreThanMayBeKeptIsRefusedAsync(bed, () => broker.CtlAsync(
            "set_policy", "full", $"^{bed.Events}$", $$"""{"max-length":{{MostEvents}}}""", "--apply-to", "queues"));
    }

    private static async Task OneMoreThanMayWaitIsRefusedAsync(EchoBed bed)
    {
        var client = bed.Connect();
        using var enough = new CancellationTokenSource();
        var waiting = Enumerable.Range(0, MostWaiting).Select(_ => client.HoldAsync(new Word(), cancellationToken: enough.Token).ResponseAsync).ToList();
        var refused = await Wait.FailsAsync(StatusCode.ResourceExhausted, () => client.HoldAsync(new Word()).ResponseAsync);
        Assert.Contains("wait for their answers", refused.Status.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain(waiting, w => w.IsCompleted);
        await enough.CancelAsync();
        foreach (var call in waiting)
        {
            await Wait.FailsAsync(StatusCode.Cancelled, () => call);
        }
        await Wait.FailsAsync(StatusCode.DeadlineExceeded, () => client.HoldAsync(new Word(), deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddMilliseconds(200)).ResponseAsync);
    }

    private static async Task OneMoreThanMayBeKeptIsRefusedAsync(EchoBed bed, Func<Task> limitAsync)
    {
        var (server, _) = await bed.ServeAsync();
        await server.StopAsync(CancellationToken.None);
        await limitAsync();
        var client = bed.Connect();
        for (var number = 0; number < MostEvents; number++)
        {
            await client.NoteAsync(new Word { Text = $"{number}" }).ResponseAsync.Soon();
        }
        // Some brokers look a little later how many they have.
        await Wait.UntilAsync(async () => await IsFullAsync(client), "no more are taken");
        var echo = await bed.ListenAsync();
        await Wait.UntilAsync(() => Enumerable.Range(0, MostEvents).All(n => echo.Notes.Contains($"{n}")), "what was kept is handled");
        await Wait.UntilAsync(async () => !await IsFullAsync(client), "more are taken again");
        await Wait.UntilAsync(() => echo.Notes.Contains("more"), "and handled");
    }

    private static async Task<bool> IsFullAsync(Echo.EchoClient client)
    {
        try
        {
            await client.NoteAsync(new Word { Text = "more" }).ResponseAsync.Soon();
            return false;
        }
        catch (RpcException error) when (error.StatusCode == StatusCode.ResourceExhausted)
        {
            return true;
        }
    }
}
