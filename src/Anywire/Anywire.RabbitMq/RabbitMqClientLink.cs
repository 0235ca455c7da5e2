using System.Globalization;
using Anywire.Messaging;
using Anywire.Messaging.Client;
using Anywire.Messaging.Format;
using Grpc.Core;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Anywire.RabbitMq;

/// <summary>A caller's way: requests go to the service's queue, answers come by direct reply-to (https://www.rabbitmq.com/docs/direct-reply-to).</summary>
internal sealed class RabbitMqClientLink(TransportClientOptions options, IReadOnlyList<RabbitMqAddress> nodes, ILinkListener listener) : IClientLink
{
    private const string DirectReplyTo = "amq.rabbitmq.reply-to";
    private const string DirectExchange = "amq.direct";

    private readonly SemaphoreSlim _opening = new(1, 1);
    private readonly CachedString _requests = new(nodes[0].RequestsOf(options.Service));
    private readonly CachedString _events = new(nodes[0].EventsOf(options.Service));
    private readonly string _control = nodes[0].ControlOf(options.Service);
    private IConnection? _connection;
    private volatile IChannel? _channel;
    private volatile IChannel? _eventChannel;
    private volatile bool _isBroken;
    private volatile string? _blocked;
    private bool _isDisposed;

    public ValueTask OpenAsync(CancellationToken cancellationToken) => _channel is { IsOpen: true } ? ValueTask.CompletedTask : ConnectAsync(cancellationToken);

    public async Task RequireListenerAsync(CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken);
        RequireRoom();
        try
        {
            // On a channel of its own: a queue that is not there closes it.
            await using var channel = await _connection!.CreateChannelAsync(cancellationToken: cancellationToken);
            if ((await channel.QueueDeclarePassiveAsync(_requests.Value, cancellationToken)).ConsumerCount > 0)
            {
                return;
            }
        }
        catch (OperationInterruptedException missing) when (missing.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            // There is no such queue.
        }
        catch (OperationInterruptedException closed)
        {
            throw Unreachable.Broker(options, RabbitMqConnections.ReasonOf(closed), closed);
        }
        throw Unreachable.Nobody(options);
    }

    public async ValueTask SendRequestAsync(CallId call, ReadOnlyMemory<byte> message, TimeSpan? expiresIn)
    {
        RequireRoom();
        var properties = new BasicProperties { ReplyTo = DirectReplyTo };
        if (expiresIn is { } time)
        {
            properties.Expiration = Math.Clamp((long)Math.Ceiling(time.TotalMilliseconds), 1, int.MaxValue).ToString(CultureInfo.InvariantCulture);
        }
        try
        {
            await Channel().BasicPublishAsync(CachedString.Empty, _requests, mandatory: true, properties, message);
        }
        catch (AlreadyClosedException closed)
        {
            throw Unreachable.Broker(options, RabbitMqConnections.ReasonOf(closed), closed);
        }
    }

    public async Task SendEventAsync(string id, ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        RequireRoom();
        var channel = _eventChannel is { IsOpen: true } open ? open : await OpenEventsAsync(cancellationToken);
        try
        {
            await channel.BasicPublishAsync(
                CachedString.Empty, _events, mandatory: true, new BasicProperties { DeliveryMode = DeliveryModes.Persistent, MessageId = id }, message, cancellationToken);
        }
        catch (PublishException returned) when (returned.IsReturn)
        {
            throw NotExecuted.Because(
                "unreachable", $"No queue keeps messages to {options.Service} at {options.Endpoints[0]}: it makes one when it first starts. Start it.", returned);
        }
        catch (PublishException refused)
        {
            throw new RpcException(new Status(
                StatusCode.ResourceExhausted, $"The broker at {options.Endpoints[0]} keeps as many messages to {options.Service} as it may, and takes no more until some were handled.", refused));
        }
        catch (Exception closed) when (closed is OperationInterruptedException or ObjectDisposedException)
        {
            // Whether the broker has it nobody can say.
            throw new RpcException(new Status(StatusCode.Unavailable, $"The broker at {options.Endpoints[0]} went away before it had confirmed the message: {closed.Message.TrimEnd('.')}.", closed));
        }
    }

    public ValueTask TellAsync(string handler, ReadOnlyMemory<byte> message) => PublishAsync("", handler, message);

    public ValueTask TellAllAsync(ReadOnlyMemory<byte> message) => PublishAsync(DirectExchange, _control, message);

    public async ValueTask DisposeAsync()
    {
        await _opening.WaitAsync();
        try
        {
            _isDisposed = true;
            await CloseAsync();
        }
        finally
        {
            _opening.Release();
        }
    }

    private async ValueTask PublishAsync(string exchange, string key, ReadOnlyMemory<byte> message)
    {
        try
        {
            await Channel().BasicPublishAsync(exchange, key, mandatory: false, new BasicProperties(), message);
        }
        catch (AlreadyClosedException closed)
        {
            throw new IOException(closed.Message, closed);
        }
    }

    // What we would send waits in memory while the broker reads nothing, and what we would ask is not answered.
    private void RequireRoom()
    {
        if (_blocked is { } reason)
        {
            throw new RpcException(new Status(
                StatusCode.ResourceExhausted, $"The broker at {options.Endpoints[0]} takes no messages now ({reason}). Try again in a moment."));
        }
    }

    private async Task<IChannel> OpenEventsAsync(CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken);
        try
        {
            if (_eventChannel is { IsOpen: true } opened)
            {
                return opened;
            }
            if (_eventChannel is { CloseReason.Initiator: not ShutdownInitiator.Peer })
            {
                throw Unreachable.Broker(options, "the connection was lost");
            }
            // No limit of the library's: the caller's own says how many may be under way.
            return _eventChannel = await (_connection ?? throw Unreachable.Broker(options, "the connection was closed")).CreateChannelAsync(
                new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true, outstandingPublisherConfirmationsRateLimiter: null),
                cancellationToken);
        }
        catch (Exception error) when (error is OperationInterruptedException or IOException or ObjectDisposedException)
        {
            throw Unreachable.Broker(options, RabbitMqConnections.ReasonOf(error), error);
        }
        finally
        {
            _opening.Release();
        }
    }

    private IChannel Channel() => _channel ?? throw Unreachable.Broker(options, "the connection was closed");

    private async ValueTask ConnectAsync(CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_channel is { IsOpen: true })
            {
                return;
            }
            if (_isBroken)
            {
                await CloseAsync();
            }
            if (_connection is not null)
            {
                // It connects anew by itself; until it has, nobody can be reached.
                throw Unreachable.Broker(options, _connection.CloseReason?.ReplyText ?? "the connection was lost");
            }
            await Detached.RunAsync(() => SetUpAsync(cancellationToken));
        }
        catch (Exception error) when (error is BrokerUnreachableException or OperationInterruptedException or IOException)
        {
            await CloseAsync();
            throw Unreachable.Broker(options, RabbitMqConnections.ReasonOf(error), error);
        }
        catch (OperationCanceledException)
        {
            // Whoever comes next begins anew.
            await CloseAsync();
            throw;
        }
        finally
        {
            _opening.Release();
        }
    }

    private async Task SetUpAsync(CancellationToken cancellationToken)
    {
        var connection = _connection = await RabbitMqConnections.ConnectAsync(nodes, options.Credentials, $"{options.Caller} to {options.Service}", cancellationToken);
        connection.ConnectionBlockedAsync += (_, args) =>
        {
            _blocked = args.Reason;
            return Task.CompletedTask;
        };
        connection.ConnectionUnblockedAsync += (_, _) =>
        {
            _blocked = null;
            return Task.CompletedTask;
        };
        connection.ConnectionShutdownAsync += (_, args) =>
        {
            _blocked = null;
            listener.Lost(args.ReplyText);
            return Task.CompletedTask;
        };
        var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        channel.ChannelShutdownAsync += (_, args) =>
        {
            // The library opens a connection anew, and no channel that the broker has closed for what was sent on it.
            if (args.Initiator == ShutdownInitiator.Peer && connection.IsOpen)
            {
                _isBroken = true;
                listener.Lost(args.ReplyText);
            }
            return Task.CompletedTask;
        };
        channel.BasicReturnAsync += (_, returned) =>
        {
            listener.NobodyListens(new MessageReader(returned.Body).Call);
            return Task.CompletedTask;
        };
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            listener.Receive(delivery.Body);
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(DirectReplyTo, autoAck: true, consumer, cancellationToken);
        _channel = channel;
    }

    private async ValueTask CloseAsync()
    {
        var connection = _connection;
        (_connection, _channel, _eventChannel, _isBroken, _blocked) = (null, null, null, false, null);
        if (connection is not null)
        {
            await RabbitMqConnections.CloseAsync(connection);
        }
    }
}
