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
    // Those of what begins, and those of what is still told to calls that have begun.
    private readonly List<Subscription> _open = [];
    private readonly List<Subscription> _told = [];
    private QueueDepths? _depths;
    private NatsConnection? _connection;
    private Task? _stoppingTaking;
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
            throw new IOException($"{string.Join(", ", options.Nodes)} cannot be listened on: {error.GetBaseException().Message.TrimEnd('.')}.", error);
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

    public Task StopTakingAsync(CancellationToken cancellationToken) =>
        _stoppingTaking ??= Task.WhenAll(DrainAsync(cancellationToken), _events?.StopTakingAsync() ?? Task.CompletedTask);

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await StopTakingAsync(cancellationToken);
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
        await EndAsync(_open);
        if (_depths is not null)
        {
            await _depths.DisposeAsync();
        }
        if (_connection is { } connection)
        {
            await _handler.AbandonAsync(NatsConnections.CloseTimeout);
            await EndAsync(_told);
            await NatsConnections.CloseAsync(connection);
        }
    }

    private async Task ListenAsync()
    {
        _connection = await NatsConnections.ConnectAsync(_nodes, _options.Credentials, _handler.Service, _handler.Service);
        await ListenAsync(_told, ControlAddress, null, Tell);
        await ListenAsync(_told, _address.ControlOf(_handler.Service), null, Tell);
        await ListenAsync(_open, _address.RequestsOf(_handler.Service), Group, Handle);
        await ListenAsync(_open, _address.PresenceOf(_handler.Service), Group, Attest);
        if (_events is not null)
        {
            await _events.StartAsync(_connection, CancellationToken.None);
            _depths = new QueueDepths(NatsTransport.WireName, _handler.Service, _events.CountAsync, _options.Time);
        }
        // The broker has seen the subscriptions when it has answered this.
        await _connection.PingAsync();
    }

    private void Handle(ReceivedMessage request) => _ = _handler.HandleAsync(request.Message, request.ReplyTo ?? "", isRedelivered: false);

    private void Attest(ReceivedMessage question) => _ = question.ReplyTo is { } asker ? AttestAsync(asker) : Task.CompletedTask;

    private void Tell(ReceivedMessage told) => _handler.Tell(told.Message);

    private async Task AttestAsync(string asker)
    {
        try
        {
            await ReplyAsync(asker, ReadOnlyMemory<byte>.Empty);
        }
        catch (IOException)
        {
            // It is gone, and whoever asked with it.
        }
    }

    private async Task ListenAsync(List<Subscription> subscriptions, string subject, string? group, Action<ReceivedMessage> receive) =>
        subscriptions.Add(await Subscription.StartAsync(_connection!, subject, group, receive));

    private static async Task EndAsync(List<Subscription> subscriptions)
    {
        foreach (var subscription in subscriptions)
        {
            await subscription.DisposeAsync();
        }
    }

    // What the broker has given this instance by now, no other one will be given.
    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(NatsConnections.CloseTimeout, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        await Task.WhenAll(_open.Select(s => s.DrainAsync(either.Token).AsTask()));
    }
}
