using System.Globalization;
using Anywire.Messaging;
using Anywire.Messaging.Client;
using Anywire.Messaging.Format;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Anywire.RabbitMq;

/// <summary>A caller's way: requests go to the service's queue, answers come by direct reply-to (https://www.rabbitmq.com/docs/direct-reply-to).</summary>
internal sealed class RabbitMqClientLink(TransportClientOptions options, RabbitMqAddress address, ILinkListener listener) : IClientLink
{
    private const string DirectReplyTo = "amq.rabbitmq.reply-to";
    private const string DirectExchange = "amq.direct";

    private readonly SemaphoreSlim _opening = new(1, 1);
    private readonly CachedString _requests = new(address.RequestsOf(options.Service));
    private IConnection? _connection;
    private volatile IChannel? _channel;
    private volatile bool _isBroken;
    private bool _isDisposed;

    public ValueTask OpenAsync(CancellationToken cancellationToken) => _channel is { IsOpen: true } ? ValueTask.CompletedTask : ConnectAsync(cancellationToken);

    public async Task RequireListenerAsync(CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken);
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
            throw Unreachable.Broker(options, ReasonOf(closed), closed);
        }
        throw Unreachable.Nobody(options);
    }

    public async ValueTask SendRequestAsync(CallId call, ReadOnlyMemory<byte> message, TimeSpan? expiresIn)
    {
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
            throw Unreachable.Broker(options, ReasonOf(closed), closed);
        }
    }

    public ValueTask TellAsync(string handler, ReadOnlyMemory<byte> message) => PublishAsync("", handler, message);

    public ValueTask TellAllAsync(ReadOnlyMemory<byte> message) => PublishAsync(DirectExchange, address.ControlOf(options.Service), message);

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
            throw Unreachable.Broker(options, ReasonOf(error), error);
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
        var connection = _connection = await RabbitMqConnections.ConnectAsync(address, $"{options.Caller} to {options.Service}", cancellationToken);
        connection.ConnectionShutdownAsync += (_, args) =>
        {
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
        (_connection, _channel, _isBroken) = (null, null, false);
        if (connection is not null)
        {
            try
            {
                await connection.CloseAsync();
            }
            catch (Exception error) when (error is AlreadyClosedException or IOException)
            {
                // It is gone already.
            }
            await connection.DisposeAsync();
        }
    }

    private static string ReasonOf(Exception error) => (error is BrokerUnreachableException ? error.GetBaseException() : error).Message.TrimEnd('.');
}
