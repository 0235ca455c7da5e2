using RabbitMQ.Client;

namespace Anywire.RabbitMq;

/// <summary>The queues that outlive whoever uses them (https://www.rabbitmq.com/docs/quorum-queues).</summary>
internal static class DurableQueues
{
    /// <summary>A broker that is told to keep more says no to the sender.</summary>
    private const int MostEvents = 1_000_000;

    private const int MostDeadLetters = 100_000;

    /// <summary>Declares where a service's events are kept, and those that were given up.</summary>
    public static async Task DeclareAsync(IChannel channel, string events, string dead, int mostDeliveries, CancellationToken cancellationToken)
    {
        await channel.QueueDeclareAsync(
            dead, durable: true, exclusive: false, autoDelete: false,
            new Dictionary<string, object?>(StringComparer.Ordinal)
            {
                ["x-queue-type"] = "quorum",
                ["x-max-length"] = MostDeadLetters,
            },
            cancellationToken: cancellationToken);
        await channel.QueueDeclareAsync(
            events, durable: true, exclusive: false, autoDelete: false,
            new Dictionary<string, object?>(StringComparer.Ordinal)
            {
                ["x-queue-type"] = "quorum",
                ["x-max-length"] = MostEvents,
                ["x-overflow"] = "reject-publish",
                // Ours is counted first, and says why; this holds when ours cannot.
                ["x-delivery-limit"] = mostDeliveries,
                ["x-dead-letter-exchange"] = "",
                ["x-dead-letter-routing-key"] = dead,
                ["x-dead-letter-strategy"] = "at-least-once",
            },
            cancellationToken: cancellationToken);
    }
}
