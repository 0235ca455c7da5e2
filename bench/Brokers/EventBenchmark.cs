using Anywire;
using Anywire.Brokers;
using Anywire.RabbitMq;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging.Abstractions;
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
        var transport = new RabbitMqTransport();
        var contracts = new ContractTable([NotificationsService.Descriptor]);
        var endpoint = Endpoint.Parse($"amqps://127.0.0.1:{broker.SecuredPort}?network=bench");
        await using (var server = new AnywireServer(new AnywireServerOptions
        {
            Transports = new Transports(transport),
            Name = "notifications",
            Services = [new ServiceRegistration(NotificationsService.Descriptor, b => NotificationsService.BindService(b, new Nobody()))],
            Contracts = contracts,
            Credentials = broker.Authority.For("notifications"),
            Loggers = NullLoggerFactory.Instance,
        }))
        {
            // It makes the queue, and goes.
            await server.ListenAsync(endpoint, CancellationToken.None);
        }
        await using var client = new AnywireClient(transport, new TransportClientOptions
        {
            Endpoints = [endpoint],
            Service = "notifications",
            Caller = "messages",
            Contracts = contracts,
            Credentials = broker.Authority.For("messages"),
            Loggers = NullLoggerFactory.Instance,
            Time = TimeProvider.System,
        });
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
