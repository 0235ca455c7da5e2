using System.Collections.Concurrent;
using Anywire.Messaging.Server;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Anywire.RabbitMq;

/// <summary>Takes at-least-once calls from the service's durable queue and acknowledges each when it was handled, or lies in the dead letters.</summary>
internal sealed class EventConsumer
{
    // So many are handled at once by one instance.
    private const ushort Prefetch = 64;

    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<long, Task> _underWay = new();
    private readonly EventHandling _handling;
    private readonly string _events;
    private readonly string _dead;
    private readonly TimeProvider _time;
    private readonly KeptChannel _taken;
    private IConnection _connection = null!;
    private long _deliveries;

    public EventConsumer(string service, EventHandling handling, string events, string dead, TransportServerOptions options)
    {
        (_handling, _events, _dead, _time) = (handling, events, dead, options.Time);
        var confirmed = new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);
        _taken = new KeptChannel(
            new Taking(service, "events", confirmed, IsAcknowledged: true, PrepareAsync, TakeAsync), options.Time, options.Loggers.CreateLogger<EventConsumer>());
    }

    public Task StartAsync(IConnection connection, CancellationToken cancellationToken)
    {
        _connection = connection;
        return _taken.OpenAsync(connection, cancellationToken);
    }

    /// <summary>Takes no more, and puts back what is not being handled just now.</summary>
    public async Task StopTakingAsync()
    {
        // Before anything is put back, which would be ours again.
        await _taken.StopAsync();
        await _stopping.CancelAsync();
    }

    /// <summary>Returns, after <see cref="StopTakingAsync"/>, when what was handled is acknowledged, and the rest put back.</summary>
    public async Task StopAsync()
    {
        // The handlers have drained; a dead letter that the broker does not take comes again as what it was.
        await Task.WhenAll(_underWay.Values).WaitAsync(RabbitMqConnections.CloseTimeout).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Takes no more, whatever becomes of what was taken.</summary>
    public void Close()
    {
        _taken.Close();
        _stopping.Cancel();
    }

    private async Task<string> PrepareAsync(IChannel channel, CancellationToken cancellationToken)
    {
        await DurableQueues.DeclareDeadLettersAsync(_connection, _dead, cancellationToken);
        await DurableQueues.DeclareEventsAsync(channel, _events, _dead, EventHandling.MostDeliveries, cancellationToken);
        await channel.BasicQosAsync(0, Prefetch, global: false, cancellationToken);
        return _events;
    }

    private Task TakeAsync(IChannel channel, BasicDeliverEventArgs delivery, CancellationToken lost)
    {
        var (number, properties) = (Interlocked.Increment(ref _deliveries), delivery.BasicProperties);
        var taken = new Delivery(channel, delivery.DeliveryTag, delivery.Body.ToArray(), properties.MessageId ?? "", DeliveriesOf(properties), lost);
        var handled = Task.Run(() => HandleAsync(taken), CancellationToken.None);
        _underWay[number] = handled;
        _ = handled.ContinueWith(_ => _underWay.TryRemove(number, out var _), TaskScheduler.Default);
        return Task.CompletedTask;
    }

    private static long DeliveriesOf(IReadOnlyBasicProperties properties)
    {
        // Anybody could have written both: the broker puts its own count over one that is there only when it delivers a message again.
        var (now, before) = (CountIn("x-delivery-count"), CountIn(EventHeaders.Deliveries));
        return Math.Min(now, EventHandling.MostDeliveries) + (before <= EventHandling.MostDeliveries ? before : 0);

        long CountIn(string header) => properties.Headers?.TryGetValue(header, out var count) == true && count is long and > 0 ? (long)count : 0;
    }

    private async Task HandleAsync(Delivery taken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token, taken.Lost);
        try
        {
            var end = await _handling.HandleAsync(taken.Message, taken.Deliveries, ending.Token);
            if (taken.Lost.IsCancellationRequested)
            {
                // It comes again as it is, and would be there twice.
                return;
            }
            switch (end.Result)
            {
                case EventResult.Handled:
                    await taken.Channel.BasicAckAsync(taken.Tag, multiple: false);
                    break;
                case EventResult.Again:
                    await PutBackAsync(taken);
                    break;
                case EventResult.Dead:
                    await BuryAsync(taken, end.Letter!);
                    await taken.Channel.BasicAckAsync(taken.Tag, multiple: false);
                    _handling.Buried(end.Letter!);
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
    private async Task PutBackAsync(Delivery taken)
    {
        var properties = new BasicProperties { DeliveryMode = DeliveryModes.Persistent, MessageId = taken.Id };
        if (taken.Deliveries > 0)
        {
            properties.Headers = new Dictionary<string, object?>(StringComparer.Ordinal) { [EventHeaders.Deliveries] = taken.Deliveries };
        }
        try
        {
            await taken.Channel.BasicPublishAsync("", _events, mandatory: true, properties, taken.Message);
        }
        catch (PublishException)
        {
            // The queue has as many as it may: better once in vain than kept until the broker loses patience.
            await taken.Channel.BasicNackAsync(taken.Tag, multiple: false, requeue: true);
            return;
        }
        await taken.Channel.BasicAckAsync(taken.Tag, multiple: false);
    }

    private async Task BuryAsync(Delivery taken, DeadLetter letter)
    {
        var properties = new BasicProperties
        {
            DeliveryMode = DeliveryModes.Persistent,
            MessageId = taken.Id,
            Timestamp = new AmqpTimestamp(_time.GetUtcNow().ToUnixTimeSeconds()),
            Headers = new Dictionary<string, object?>(StringComparer.Ordinal) { [EventHeaders.Reason] = letter.Reason },
        };
        await taken.Channel.BasicPublishAsync("", _dead, mandatory: true, properties, taken.Message);
    }

    private sealed record Delivery(IChannel Channel, ulong Tag, ReadOnlyMemory<byte> Message, string Id, long Deliveries, CancellationToken Lost);
}
