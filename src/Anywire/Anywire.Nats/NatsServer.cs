using Anywire.Messaging;
using Anywire.Messaging.Server;
using NATS.Client.Core;

namespace Anywire.Nats;

/// <summary>One instance of a service: takes requests from the subject that all instances share, one each, and answers.</summary>
internal sealed class NatsServer : ITransportServer, IServerLink
{
    // All instances of a service are in it: each message goes to one.
    private const string Group = "instances";

    private readonly TransportServerOptions _options;
    private readonly IReadOnlyList<NatsAddress> _nodes;
    private readonly NatsAddress _address;
    private readonly Handler _handler;
    private readonly EventConsumer? _events;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly List<Task> _listening = [];
    private QueueDepths? _depths;
    private NatsConnection? _connection;
    private int _isClosed;

    private NatsServer(TransportServerOptions options, IReadOnlyList<NatsAddress> nodes)
    {
        (_options, _nodes, _address) = (options, nodes, nodes[0]);
        _handler = new Handler(options, NatsTransport.WireName, this);
        ControlAddress = _address.NewControlOf(_handler.Service);
        _events = _handler.TakesEvents
            ? new EventConsumer(_handler.Events, _address.EventsOf(_handler.Service), _address.DeadLettersOf(_handler.Service), options.Time)
            : null;
    }

    public Endpoint Endpoint => _options.Endpoint;

    public string ControlAddress { get; }

    public static async Task<NatsServer> ListenAsync(TransportServerOptions options, IReadOnlyList<NatsAddress> nodes, CancellationToken cancellationToken)
    {
        var server = new NatsServer(options, nodes);
        try
        {
            await Detached.RunAsync(server.ListenAsync).WaitAsync(cancellationToken);
            return server;
        }
        catch (NatsException error)
        {
            await server.DisposeAsync();
            throw new IOException($"{string.Join(", ", options.OtherNodes.Prepend(options.Endpoint))} cannot be listened on: {error.GetBaseException().Message.TrimEnd('.')}.", error);
        }
    }

    public async ValueTask ReplyAsync(string replyTo, ReadOnlyMemory<byte> message)
    {
        try
        {
            await _connection!.PublishAsync(replyTo, message);
        }
        catch (Exception error) when (error is NatsException or ObjectDisposedException)
        {
            throw new IOException(error.Message, error);
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        if (_events is not null)
        {
            await _events.StopAsync();
        }
        // What was answered is with the broker when it has answered this.
        try
        {
            await _connection!.PingAsync(cancellationToken).AsTask().WaitAsync(NatsConnections.CloseTimeout, cancellationToken);
        }
        catch (Exception error) when (error is NatsException or TimeoutException)
        {
            // It is gone, and whoever waited with it.
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isClosed, 1) != 0)
        {
            return;
        }
        await _stopping.CancelAsync();
        if (_depths is not null)
        {
            await _depths.DisposeAsync();
        }
        if (_connection is { } connection)
        {
            await _handler.AbandonAsync();
            await _closing.CancelAsync();
            // Unsubscribed, before what they would say that to is gone.
            await Task.WhenAll(_listening);
            await NatsConnections.CloseAsync(connection);
        }
    }

    private async Task ListenAsync()
    {
        _connection = await NatsConnections.ConnectAsync(_nodes, _options.Credentials, _handler.Service, _handler.Service);
        await ListenAsync(ControlAddress, null, Tell, _closing.Token);
        await ListenAsync(_address.ControlOf(_handler.Service), null, Tell, _closing.Token);
        await ListenAsync(_address.RequestsOf(_handler.Service), Group, Handle, _stopping.Token);
        await ListenAsync(_address.PresenceOf(_handler.Service), Group, Attest, _stopping.Token);
        if (_events is not null)
        {
            await _events.StartAsync(_connection, CancellationToken.None);
            _depths = new QueueDepths(NatsTransport.WireName, _handler.Service, _events.CountAsync, _options.Time);
        }
        // The broker has seen the subscriptions when it has answered this.
        await _connection.PingAsync();
    }

    private void Handle(NatsMsg<NatsMemoryOwner<byte>> request) => _ = _handler.HandleAsync(request.Data.Memory, request.ReplyTo ?? "", isRedelivered: false);

    private void Attest(NatsMsg<NatsMemoryOwner<byte>> question) => _ = question.ReplyAsync(Array.Empty<byte>()).AsTask();

    private void Tell(NatsMsg<NatsMemoryOwner<byte>> told) => _handler.Tell(told.Data.Memory);

    private async Task ListenAsync(string subject, string? group, Action<NatsMsg<NatsMemoryOwner<byte>>> take, CancellationToken until)
    {
        var subscription = await _connection!.SubscribeCoreAsync<NatsMemoryOwner<byte>>(subject, group, cancellationToken: CancellationToken.None);
        _listening.Add(TakeAsync(subscription, take, until));
    }

    private static async Task TakeAsync(INatsSub<NatsMemoryOwner<byte>> subscription, Action<NatsMsg<NatsMemoryOwner<byte>>> take, CancellationToken until)
    {
        await using (subscription)
        {
            try
            {
                await foreach (var message in subscription.Msgs.ReadAllAsync(until))
                {
                    using var data = message.Data;
                    take(message);
                }
            }
            catch (OperationCanceledException)
            {
                // Stopped.
            }
        }
    }
}
