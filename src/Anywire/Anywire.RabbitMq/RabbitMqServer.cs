using Anywire.Messaging;
using Anywire.Messaging.Server;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Anywire.RabbitMq;

/// <summary>One instance of a service: takes requests from the queue that all instances share, answers, and acknowledges a request when it was answered.</summary>
internal sealed class RabbitMqServer : ITransportServer, IServerLink
{
    private const string DirectExchange = "amq.direct";

    // The waist refuses what is more than it may handle at once; this many can be refused at a time.
    private const int Refusable = 256;

    private static readonly TimeSpan ConsumePause = TimeSpan.FromSeconds(1);

    private readonly TransportServerOptions _options;
    private readonly IReadOnlyList<RabbitMqAddress> _nodes;
    private readonly RabbitMqAddress _address;
    private readonly Handler _handler;
    private readonly EventConsumer? _events;
    private readonly CancellationTokenSource _stopping = new();
    private QueueDepths? _depths;
    private IConnection _connection = null!;
    private IChannel _channel = null!;
    private string _consumer = "";
    private int _isClosed;

    private RabbitMqServer(TransportServerOptions options, IReadOnlyList<RabbitMqAddress> nodes)
    {
        (_options, _nodes, _address) = (options, nodes, nodes[0]);
        _handler = new Handler(options, RabbitMqTransport.WireName, this);
        ControlAddress = _address.NewControlOf(_handler.Service);
        _events = _handler.TakesEvents
            ? new EventConsumer(_handler.Events, _address.EventsOf(_handler.Service), _address.DeadLettersOf(_handler.Service), options.Time)
            : null;
    }

    public Endpoint Endpoint => _options.Endpoint;

    public string ControlAddress { get; }

    public static async Task<RabbitMqServer> ListenAsync(TransportServerOptions options, IReadOnlyList<RabbitMqAddress> nodes, CancellationToken cancellationToken)
    {
        var server = new RabbitMqServer(options, nodes);
        try
        {
            await Detached.RunAsync(() => server.ListenAsync(cancellationToken));
            return server;
        }
        catch (Exception error) when (error is BrokerUnreachableException or OperationInterruptedException)
        {
            await server.DisposeAsync();
            throw new IOException($"{string.Join(", ", options.Nodes)} cannot be listened on: {error.GetBaseException().Message.TrimEnd('.')}.", error);
        }
    }

    public async ValueTask ReplyAsync(string replyTo, ReadOnlyMemory<byte> message)
    {
        try
        {
            await _channel.BasicPublishAsync("", replyTo, mandatory: false, new BasicProperties(), message);
        }
        catch (Exception error) when (error is AlreadyClosedException or ObjectDisposedException)
        {
            throw new IOException(error.Message, error);
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_events?.StopAsync() ?? Task.CompletedTask, RabbitMqConnections.CancelAsync(_channel, _consumer));
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isClosed, 1) != 0 || _connection is null)
        {
            return;
        }
        await _stopping.CancelAsync();
        if (_depths is not null)
        {
            await _depths.DisposeAsync();
        }
        await _handler.AbandonAsync();
        await RabbitMqConnections.CloseAsync(_connection);
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        _connection = await RabbitMqConnections.ConnectAsync(_nodes, _options.Credentials, _handler.Service, cancellationToken);
        _channel = await _connection.CreateChannelAsync(cancellationToken: cancellationToken);
        await _channel.BasicQosAsync(0, (ushort)Math.Min(_options.Limits.MaxConcurrentCalls + Refusable, ushort.MaxValue), global: false, cancellationToken);
        await _channel.QueueDeclareAsync(ControlAddress, durable: false, exclusive: true, autoDelete: true, cancellationToken: cancellationToken);
        await _channel.QueueBindAsync(ControlAddress, DirectExchange, _address.ControlOf(_handler.Service), cancellationToken: cancellationToken);

        var told = new AsyncEventingBasicConsumer(_channel);
        told.ReceivedAsync += (_, delivery) =>
        {
            _handler.Tell(delivery.Body);
            return Task.CompletedTask;
        };
        await _channel.BasicConsumeAsync(ControlAddress, autoAck: true, told, cancellationToken);

        await ConsumeRequestsAsync(cancellationToken);
        if (_events is not null)
        {
            await _events.StartAsync(_connection, cancellationToken);
            _depths = new QueueDepths(RabbitMqTransport.WireName, _handler.Service, CountAsync, _options.Time);
        }
    }

    private async Task ConsumeRequestsAsync(CancellationToken cancellationToken)
    {
        var requests = _address.RequestsOf(_handler.Service);
        await _channel.QueueDeclareAsync(requests, durable: false, exclusive: false, autoDelete: true, cancellationToken: cancellationToken);
        var requested = new AsyncEventingBasicConsumer(_channel);
        requested.ReceivedAsync += (_, delivery) =>
        {
            var handled = _handler.HandleAsync(delivery.Body, delivery.BasicProperties.ReplyTo ?? "", delivery.Redelivered);
            _ = AcknowledgeAsync(handled, delivery.DeliveryTag);
            return Task.CompletedTask;
        };
        // The node of a cluster that had the queue is gone, and the queue with it; we are connected to another.
        requested.UnregisteredAsync += (_, _) =>
        {
            _ = ConsumeAgainAsync();
            return Task.CompletedTask;
        };
        _consumer = await _channel.BasicConsumeAsync(requests, autoAck: false, requested, cancellationToken);
    }

    private async Task<IReadOnlyList<(string, long)>> CountAsync(CancellationToken cancellationToken)
    {
        await using var channel = await _connection.CreateChannelAsync(cancellationToken: cancellationToken);
        // What is being handled is not counted with what waits (https://www.rabbitmq.com/docs/queues#metrics).
        return
        [
            ("events", await channel.MessageCountAsync(_address.EventsOf(_handler.Service), cancellationToken)),
            ("dead", await channel.MessageCountAsync(_address.DeadLettersOf(_handler.Service), cancellationToken)),
        ];
    }

    private async Task ConsumeAgainAsync()
    {
        while (!_stopping.IsCancellationRequested && _channel.IsOpen)
        {
            try
            {
                await ConsumeRequestsAsync(_stopping.Token);
                return;
            }
            catch (Exception error) when (error is OperationInterruptedException or OperationCanceledException)
            {
                // A channel that the library opens anew consumes again by itself.
            }
            await Task.Delay(ConsumePause, _options.Time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task AcknowledgeAsync(Task handled, ulong tag)
    {
        await handled;
        try
        {
            await _channel.BasicAckAsync(tag, multiple: false);
        }
        catch (Exception error) when (error is AlreadyClosedException or ObjectDisposedException)
        {
            // The broker gives it to another instance, which knows that it may have been handled.
        }
    }
}
