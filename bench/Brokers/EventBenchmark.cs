using Anywire.Brokers;
using Anywire.RabbitMq;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using RabbitMQ.Client;
using Twite.Contracts;

namespace Twite.Bench.Brokers;

/// <summary>Events that RabbitMQ confirms, sealed, against a bare publisher with its confirms pipelined; both into a quorum queue of the same kind, over mutual TLS,
/// with as many under way. Nobody takes them meanwhile.</summary>
internal static class EventBenchmark
{
    private const int UnderWay = 256;
    private const int Events = 10_000;
    private const double Most = 1.25;

    private static readonly MessagePosted Posted = new()
    {
        Header = new EventHeader { Id = "messages-1234567", OccurredAt = Timestamp.FromDateTime(DateTime.UnixEpoch), Confirm = true },
        Message = new Message { Id = 1234567, AuthorId = 42, AuthorName = "finch", Text = new string('t', 141), CreatedAt = Timestamp.FromDateTime(DateTime.UnixEpoch) },
    };

    public static async Task RunAsync()
    {
        await using var broker = await RabbitMqBroker.StartAsync();
        var bed = new BrokerBed(
            new RabbitMqTransport(), $"amqps://127.0.0.1:{broker.SecuredPort}?network=bench", broker.Authority, "notifications", NotificationsService.Descriptor);
        // It makes the queue, and goes.
        await (await bed.ListenAsync(b => NotificationsService.BindService(b, new Nobody()))).DisposeAsync();
        await using var client = bed.Connect("messages");
        var notifications = new NotificationsService.NotificationsServiceClient(client.Invoker);
        await using var connection = await BareRabbitMq.Factory(broker).CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true, outstandingPublisherConfirmationsRateLimiter: null));
        await channel.QueueDeclareAsync(
            "bench.bare", durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?>(StringComparer.Ordinal) { ["x-queue-type"] = "quorum" });
        var body = Posted.ToByteArray();
        await PairedCalls.CompareAsync(
            "confirmed events", UnderWay, Events,
            async () => await notifications.OnMessagePostedAsync(Posted),
            async () => await channel.BasicPublishAsync("", "bench.bare", mandatory: true, new BasicProperties { DeliveryMode = DeliveryModes.Persistent }, body),
            double.PositiveInfinity, Most, () => broker.CpuTime);
    }

    private sealed class Nobody : NotificationsService.NotificationsServiceBase;
}
