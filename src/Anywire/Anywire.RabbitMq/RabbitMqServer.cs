using Anywire.Messaging;
using Anywire.Messaging.Server;
using Microsoft.Extensions.Logging;
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

    private readonly TransportServerOptions _options;
    private readonly IReadOnlyList<RabbitMqAddress> _nodes;
    private readonly RabbitMqAddress _address;
    private readonly Handler _handler;
    private readonly EventConsumer? _events;
    // By channels of their own: what the broker closes one for costs the other nothing.
    private readonly KeptChannel _requests;
    private readonly KeptChannel _told;
    private QueueDepths? _depths;
    private IConnection _connection = null!;
    private Task? _stoppingTaking;
    private int _isClosed;

    private RabbitMqServer(TransportServerOptions options, IReadOnlyList<RabbitMqAddress> nodes)
    {
        (_options, _nodes, _address) = (options, nodes, nodes[0]);
        _handler = new Handler(options, RabbitMqTransport.WireName, this);
        ControlAddress = _address.NewControlOf(_handler.Service);
        _events = _handler.TakesEvents
            ? new EventConsumer(_handler.Service, _handler.Events, _address.EventsOf(_handler.Service), _address.DeadLettersOf(_handler.Service), options)
            : null;
        var logger = options.Loggers.CreateLogger<RabbitMqServer>();
        _requests = new KeptChannel(new Taking(_handler.Service, "requests", Options: null, IsAcknowledged: true, PrepareRequestsAsync, TakeAsync), options.Time, logger);
        _told = new KeptChannel(
            new Taking(_handler.Service, "what its callers tell it", Options: null, IsAcknowledged: false, PrepareToldAsync, HearAsync), options.Time, logger);
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
        catch (Exception error)
        {
            await server.DisposeAsync();
            if (error is BrokerUnreachableException or OperationInterruptedException || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                throw new IOException($"{string.Join(", ", options.Nodes)} cannot be listened on: {RabbitMqConnections.ReasonOf(error)}.", error);
            }
            throw;
        }
    }

    public async ValueTask ReplyAsync(string replyTo, ReadOnlyMemory<byte> message)
    {
        try
        {
            await _requests.Channel.BasicPublishAsync("", replyTo, mandatory: false, new BasicProperties(), message);
        }
        catch (Exception error) when (error is AlreadyClosedException or ObjectDisposedException)
        {
            throw new IOException(error.Message, error);
        }
    }

    public Task StopTakingAsync(CancellationToken cancellationToken) =>
        _stoppingTaking ??= Task.WhenAll(_events?.StopTakingAsync() ?? Task.CompletedTask, LeaveRequestsAsync());

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await StopTakingAsync(cancellationToken);
        await Task.WhenAll(_events?.StopAsync() ?? Task.CompletedTask, _requests.StopAsync());
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isClosed, 1) != 0 || _connection is null)
        {
            return;
        }
        _requests.Close();
        _told.Close();
        _events?.Close();
        if (_depths is not null)
        {
            await _depths.DisposeAsync();
        }
        await _handler.AbandonAsync(RabbitMqConnections.CloseTimeout);
        await RabbitMqConnections.CloseAsync(_connection);
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        _connection = await RabbitMqConnections.ConnectAsync(_nodes, _options.Credentials, _handler.Service, cancellationToken);
        await _told.OpenAsync(_connection, cancellationToken);
        await _requests.OpenAsync(_connection, cancellationToken);
        if (_events is not null)
        {
            await _events.StartAsync(_connection, cancellationToken);
            _depths = new QueueDepths(RabbitMqTransport.WireName, _handler.Service, CountAsync, _options.Time);
        }
    }

    // With the last that takes from it the queue is gone, and what is in it unanswered: whoever is alone takes that, and the waist refuses it.
    private async Task LeaveRequestsAsync()
    {
        try
        {
            var queue = await _requests.Channel.QueueDeclarePassiveAsync(_address.RequestsOf(_handler.Service)).WaitAsync(RabbitMqConnections.CloseTimeout);
            if (queue.ConsumerCount > 1)
            {
                await _requests.StopAsync();
            }
        }
        catch (Exception error) when (error is OperationInterruptedException or ObjectDisposedException or TimeoutException)
        {
            // It is away, and gives us nothing.
        }
    }

    private async Task<string> PrepareToldAsync(IChannel channel, CancellationToken cancellationToken)
    {
        await channel.QueueDeclareAsync(ControlAddress, durable: false, exclusive: true, autoDelete: true, cancellationToken: cancellationToken);
        await channel.QueueBindAsync(ControlAddress, DirectExchange, _address.ControlOf(_handler.Service), cancellationToken: cancellationToken);
        return ControlAddress;
    }

    private Task HearAsync(IChannel channel, BasicDeliverEventArgs delivery, CancellationToken lost)
    {
        _handler.Tell(delivery.Body);
        return Task.CompletedTask;
    }

    private async Task<string> PrepareRequestsAsync(IChannel channel, CancellationToken cancellationToken)
    {
        var requests = _address.RequestsOf(_handler.Service);
        await channel.BasicQosAsync(0, (ushort)Math.Min(_options.Limits.MaxConcurrentCalls + Refusable, ushort.MaxValue), global: false, cancellationToken);
        await channel.QueueDeclareAsync(requests, durable: false, exclusive: false, autoDelete: true, cancellationToken: cancellationToken);
        return requests;
    }

    private Task TakeAsync(IChannel channel, BasicDeliverEventArgs delivery, CancellationToken lost)
    {
        var handled = _handler.HandleAsync(delivery.Body, delivery.BasicProperties.ReplyTo ?? "", delivery.Redelivered);
        _ = AcknowledgeAsync(channel, handled, delivery.DeliveryTag);
        return Task.CompletedTask;
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

    private async Task AcknowledgeAsync(IChannel channel, Task handled, ulong tag)
    {
        await handled;
        try
        {
            await channel.BasicAckAsync(tag, multiple: false);
        }
        catch (Exception error) when (error is AlreadyClosedException or ObjectDisposedException)
        {
            // The broker gives it to another instance, which knows that it may have been handled.
        }
    }
}
