using Anywire.Messaging.Server;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Anywire.Nats;

/// <summary>The streams that outlive whoever uses them (https://docs.nats.io/nats-concepts/jetstream).</summary>
/// <param name="events">The subject of a service's events.</param>
/// <param name="dead">The subject of those that were given up.</param>
internal sealed class EventStreams(string events, string dead)
{
    private const string ConsumerName = "handlers";
    private const int MostEvents = 1_000_000;
    private const int MostDeadLetters = 100_000;

    // So many are with all instances of a service together.
    private const int MostWithHandlers = 1_024;

    // Shorter than a sender's patience: what it sends again then is wanted again.
    private static readonly TimeSpan DuplicateWindow = TimeSpan.FromSeconds(20);

    /// <summary>How long the broker waits for a sign of life before it gives a message to another instance.</summary>
    public static readonly TimeSpan AckWait = TimeSpan.FromSeconds(30);

    /// <summary>A stream's name, since it may have no dots.</summary>
    public static string NameOf(string subject) => subject.Replace('.', '_');

    /// <summary>Makes them unless they are there.</summary>
    /// <param name="jetStream">The broker.</param>
    /// <param name="replicas">On how many nodes of a cluster each message is kept.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What takes events, the same for all instances.</returns>
    public async Task<INatsJSConsumer> OpenAsync(INatsJSContext jetStream, int replicas, CancellationToken cancellationToken)
    {
        await jetStream.CreateOrUpdateStreamAsync(
            new StreamConfig(NameOf(dead), [dead])
            {
                Storage = StreamConfigStorage.File,
                NumReplicas = replicas,
                MaxMsgs = MostDeadLetters,
            },
            cancellationToken);
        await jetStream.CreateOrUpdateStreamAsync(
            new StreamConfig(NameOf(events), [events])
            {
                Retention = StreamConfigRetention.Workqueue,
                Storage = StreamConfigStorage.File,
                NumReplicas = replicas,
                DuplicateWindow = DuplicateWindow,
                MaxMsgs = MostEvents,
                // A broker that is told to keep more says no to the sender.
                Discard = StreamConfigDiscard.New,
            },
            cancellationToken);
        return await jetStream.CreateOrUpdateConsumerAsync(
            NameOf(events),
            new ConsumerConfig(ConsumerName)
            {
                AckPolicy = ConsumerConfigAckPolicy.Explicit,
                AckWait = AckWait,
                MaxAckPending = MostWithHandlers,
                // Ours is counted first, and says why; this holds when ours cannot.
                MaxDeliver = 2 * EventHandling.MostDeliveries,
            },
            cancellationToken);
    }
}
