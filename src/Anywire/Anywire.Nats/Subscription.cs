using System.Buffers;
using NATS.Client.Core;

namespace Anywire.Nats;

/// <summary>Gives messages to their receiver where the connection reads them, one at a time: no queue stands between, and nothing is copied. The receiver must not block.
/// Disposing unsubscribes.</summary>
/// <param name="connection">The connection.</param>
/// <param name="subject">What to listen to.</param>
/// <param name="group">The queue group that each message goes to one member of; null: none.</param>
/// <param name="receive">Takes a message.</param>
internal sealed class Subscription(NatsConnection connection, string subject, string? group, Action<ReceivedMessage> receive)
    : NatsSubBase(connection, connection.SubscriptionManager, subject, group, opts: null, CancellationToken.None)
{
    // What a server says instead of a message, https://docs.nats.io/reference/reference-protocols/nats-protocol#hmsg
    private static ReadOnlySpan<byte> NoResponders => "NATS/1.0 503"u8;

    /// <summary>Listens; the broker knows it when it has answered what was sent next.</summary>
    public static async Task<Subscription> StartAsync(NatsConnection connection, string subject, string? group, Action<ReceivedMessage> receive)
    {
        var subscription = new Subscription(connection, subject, group, receive);
        await connection.AddSubAsync(subscription);
        return subscription;
    }

    protected override ValueTask ReceiveInternalAsync(string subject, string? replyTo, ReadOnlySequence<byte>? headersBuffer, ReadOnlySequence<byte> payloadBuffer)
    {
        receive(new ReceivedMessage(
            subject, replyTo, payloadBuffer.IsSingleSegment ? payloadBuffer.First : payloadBuffer.ToArray(), headersBuffer is { } headers && SaysNobody(headers)));
        return default;
    }

    protected override void TryComplete()
    {
        // Nothing waits for more.
    }

    private static bool SaysNobody(in ReadOnlySequence<byte> headers)
    {
        var reader = new SequenceReader<byte>(headers);
        return reader.IsNext(NoResponders);
    }
}

/// <summary>A message as it stands in the connection's buffer.</summary>
/// <param name="Subject">Where it was sent to.</param>
/// <param name="ReplyTo">Where its sender hears answers.</param>
/// <param name="Message">The message; valid until its receiver returns.</param>
/// <param name="HasNoResponders">Whether it is none: the broker says that nobody listens where the request was sent to.</param>
internal readonly record struct ReceivedMessage(string Subject, string? ReplyTo, ReadOnlyMemory<byte> Message, bool HasNoResponders);
