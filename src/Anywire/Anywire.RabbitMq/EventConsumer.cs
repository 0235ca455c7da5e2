using System.Collections.Concurrent;
using System.Globalization;
using Anywire.Messaging.Server;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Anywire.RabbitMq;

/// <summary>Takes at-least-once calls from the service's durable queue and acknowledges each when it was handled, or lies in the dead letters.</summary>
internal sealed class EventConsumer(EventHandling handling, string events, string dead, TimeProvider time)
{
    // So many are handled at once by one instance.
    private const ushort Prefetch = 64;

    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<ulong, Task> _underWay = new();
    private IChannel _channel = null!;
    private string _consumer = "";

    public async Task StartAsync(IConnection connection, CancellationToken cancellationToken)
    {
        _channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), cancellationToken);
        await DurableQueues.DeclareAsync(_channel, events, dead, EventHandling.MostDeliveries, cancellationToken);
        await _channel.BasicQosAsync(0, Prefetch, global: false, cancellationToken);
        var consumer = new AsyncEventingBasicConsumer(_channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            var (tag, body, properties) = (delivery.DeliveryTag, delivery.Body.ToArray(), delivery.BasicProperties);
            var (id, deliveries) = (properties.MessageId ?? "", DeliveriesOf(properties));
            var handled = Task.Run(() => HandleAsync(tag, body, id, deliveries), CancellationToken.None);
            _underWay[tag] = handled;
            _ = handled.ContinueWith(_ => _underWay.TryRemove(tag, out var _), TaskScheduler.Default);
            return Task.CompletedTask;
        };
        _consumer = await _channel.BasicConsumeAsync(events, autoAck: false, consumer, cancellationToken);
    }

    /// <summary>Takes no more; returns when what was handled is acknowledged, and the rest put back.</summary>
    public async Task StopAsync()
    {
        // Before anything is put back, which would be ours again.
        await RabbitMqConnections.CancelAsync(_channel, _consumer);
        await _stopping.CancelAsync();
        // The handlers have drained; a dead letter that the broker does not take comes again as what it was.
        await Task.WhenAll(_underWay.Values).WaitAsync(RabbitMqConnections.CloseTimeout).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static long DeliveriesOf(IReadOnlyBasicProperties properties)
    {
        var now = properties.Headers?.TryGetValue("x-delivery-count", out var count) == true ? Convert.ToInt64(count, CultureInfo.InvariantCulture) : 0;
        // Anybody could have written it.
        return now + (properties.Headers?.TryGetValue(EventHeaders.Deliveries, out var before) == true && before is long and > 0 and <= EventHandling.MostDeliveries ? (long)before : 0);
    }

    private async Task HandleAsync(ulong tag, ReadOnlyMemory<byte> message, string id, long deliveries)
    {
        try
        {
            var end = await handling.HandleAsync(message, deliveries, _stopping.Token);
            switch (end.Result)
            {
                case EventResult.Handled:
                    await _channel.BasicAckAsync(tag, multiple: false);
                    break;
                case EventResult.Again:
                    await PutBackAsync(tag, message, id, deliveries);
                    break;
                case EventResult.Dead:
                    await BuryAsync(message, id, end.Letter!);
                    await _channel.BasicAckAsync(tag, multiple: false);
                    handling.Buried(end.Letter!);
                    break;
                default:
                    throw new InvalidOperationException($"Nobody knows what is to become of an event that is {end.Result}.");
            }
        }
        catch (Exception error) when (error is OperationInterruptedException or PublishException or ObjectDisposedException)
        {
            // It was not acknowledged, so it comes again.
        }
    }

    // The broker would count it as delivered in vain if it were given back.
    private async Task PutBackAsync(ulong tag, ReadOnlyMemory<byte> message, string id, long deliveries)
    {
        var properties = new BasicProperties { DeliveryMode = DeliveryModes.Persistent, MessageId = id };
        if (deliveries > 0)
        {
            properties.Headers = new Dictionary<string, object?>(StringComparer.Ordinal) { [EventHeaders.Deliveries] = deliveries };
        }
        try
        {
            await _channel.BasicPublishAsync("", events, mandatory: true, properties, message);
        }
        catch (PublishException)
        {
            // The queue has as many as it may: better once in vain than kept until the broker loses patience.
            await _channel.BasicNackAsync(tag, multiple: false, requeue: true);
            return;
        }
        await _channel.BasicAckAsync(tag, multiple: false);
    }

    private async Task BuryAsync(ReadOnlyMemory<byte> message, string id, DeadLetter letter)
    {
        var properties = new BasicProperties
        {
            DeliveryMode = DeliveryModes.Persistent,
            MessageId = id,
            Timestamp = new AmqpTimestamp(time.GetUtcNow().ToUnixTimeSeconds()),
            Headers = new Dictionary<string, object?>(StringComparer.Ordinal) { [EventHeaders.Reason] = letter.Reason },
        };
        await _channel.BasicPublishAsync("", dead, mandatory: true, properties, message);
    }
}
