using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Anywire.RabbitMq;

/// <summary>The queues that outlive whoever uses them (https://www.rabbitmq.com/docs/quorum-queues).</summary>
internal static class DurableQueues
{
    /// <summary>A broker that is told to keep more says no to the sender.</summary>
    private const int MostEvents = 1_000_000;

    private const int MostDeadLetters = 100_000;

    // Whoever looks at one gives it back, which RabbitMQ 4.0 to 4.2 count as a delivery in vain; of more than 20, unless told otherwise, they delete the message.
    private const int MostLooks = 1_000_000_000;

    /// <summary>Declares where a service's dead letters are kept.</summary>
    public static async Task DeclareDeadLettersAsync(IConnection connection, string dead, CancellationToken cancellationToken)
    {
        // Of its own: the broker closes it to say no.
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        try
        {
            await channel.QueueDeclareAsync(
                dead, durable: true, exclusive: false, autoDelete: false,
                new Dictionary<string, object?>(StringComparer.Ordinal)
                {
                    ["x-queue-type"] = "quorum",
                    ["x-max-length"] = MostDeadLetters,
                    ["x-delivery-limit"] = MostLooks,
                },
                cancellationToken: cancellationToken);
        }
        catch (OperationInterruptedException error) when (error.ShutdownReason?.ReplyCode == Constants.PreconditionFailed)
        {
            // It was made by an earlier version, or by hand, and holds what it holds.
        }
    }

    /// <summary>Declares where a service's events are kept; its dead letters have their queue already.</summary>
    public static Task DeclareEventsAsync(IChannel channel, string events, string dead, int mostDeliveries, CancellationToken cancellationToken) =>
        channel.QueueDeclareAsync(
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
