using System.Globalization;
using System.Text.Json;
using Anywire.Messaging;
using Anywire.Messaging.Client;
using Anywire.Messaging.Format;
using Grpc.Core;
using NATS.Client.Core;

namespace Anywire.Nats;

/// <summary>A caller's way: requests go to the service's subject, answers come to a subject of the call's own below one of this instance's.</summary>
internal sealed class NatsClientLink(TransportClientOptions options, IReadOnlyList<NatsAddress> nodes, ILinkListener listener) : IClientLink
{
    private readonly Lock _lock = new();
    private readonly string _requests = nodes[0].RequestsOf(options.Service);
    private readonly string _presence = nodes[0].PresenceOf(options.Service);
    private readonly string _events = nodes[0].EventsOf(options.Service);
    private readonly string _control = nodes[0].ControlOf(options.Service);
    private readonly string _answers = nodes[0].AnswersTo(options.Caller, listener.Instance);
    private volatile NatsConnection? _connection;
    private Subscription? _answering;
    private Task? _opening;
    private bool _isDisposed;

    public ValueTask OpenAsync(CancellationToken cancellationToken) =>
        _connection is { ConnectionState: NatsConnectionState.Open } ? ValueTask.CompletedTask : ConnectAsync(cancellationToken);

    public async Task RequireListenerAsync(CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken);
        try
        {
            await Connection().RequestAsync<byte[], byte[]>(_presence, [], cancellationToken: cancellationToken);
        }
        catch (NatsNoRespondersException)
        {
            throw Unreachable.Nobody(options);
        }
        catch (NatsException error)
        {
            throw Unreachable.Broker(options, error.Message.TrimEnd('.'), error);
        }
    }

    public async ValueTask SendRequestAsync(CallId call, ReadOnlyMemory<byte> message, TimeSpan? expiresIn)
    {
        try
        {
            await Connection().PublishAsync(_requests, message, replyTo: string.Create(CultureInfo.InvariantCulture, $"{_answers}.{call.Number:x}"));
        }
        catch (Exception error) when (error is NatsException or ObjectDisposedException)
        {
            throw Unreachable.Broker(options, error.Message.TrimEnd('.'), error);
        }
    }

    public async Task SendEventAsync(string id, ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        try
        {
            // Not by the library's publishing, which says the same when nobody takes it and when nobody answers in time. One try: the waist's own, or an outbox, makes others.
            var acknowledgement = await Connection().RequestAsync<ReadOnlyMemory<byte>, byte[]>(
                _events, message, headers: new NatsHeaders { [EventHeaders.Id] = id }, cancellationToken: cancellationToken);
            // That it has it already is what whoever sends again wants to hear.
            if (RefusalIn(acknowledgement.Data) is { } refusal)
            {
                throw new RpcException(new Status(
                    StatusCode.ResourceExhausted, $"The broker at {options.Endpoints[0]} does not take the message to {options.Service}: {refusal.TrimEnd('.')}."));
            }
        }
        catch (NatsNoRespondersException nobody)
        {
            throw NotExecuted.Because(
                "unreachable", $"No stream keeps messages to {options.Service} at {options.Endpoints[0]}: it makes one when it first starts. Start it.", nobody);
        }
        catch (Exception error) when (error is NatsException or ObjectDisposedException or JsonException)
        {
            // Whether the broker has it nobody can say.
            throw new RpcException(new Status(
                StatusCode.Unavailable, $"The broker at {options.Endpoints[0]} has not confirmed the message: {error.Message.TrimEnd('.')}.", error));
        }
    }

    public ValueTask TellAsync(string handler, ReadOnlyMemory<byte> message) => PublishAsync(handler, message);

    public ValueTask TellAllAsync(ReadOnlyMemory<byte> message) => PublishAsync(_control, message);

    public async ValueTask DisposeAsync()
    {
        Task opening;
        lock (_lock)
        {
            _isDisposed = true;
            opening = _opening ?? Task.CompletedTask;
        }
        // Whatever becomes of it later it closes itself.
        await opening.WaitAsync(NatsConnections.CloseTimeout).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_answering is not null)
        {
            await _answering.DisposeAsync();
        }
        if (_connection is { } connection)
        {
            _connection = null;
            await NatsConnections.CloseAsync(connection);
        }
    }

    private async ValueTask PublishAsync(string subject, ReadOnlyMemory<byte> message)
    {
        try
        {
            await Connection().PublishAsync(subject, message);
        }
        catch (Exception error) when (error is NatsException or ObjectDisposedException)
        {
            throw new IOException(error.Message, error);
        }
    }

    // https://docs.nats.io/reference/reference-protocols/nats_api_reference#error-handling
    private static string? RefusalIn(byte[]? acknowledgement)
    {
        using var said = JsonDocument.Parse(acknowledgement ?? []);
        if (said.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw new JsonException("It has answered something else");
        }
        return !said.RootElement.TryGetProperty("error", out var error) ? null
            : error.ValueKind == JsonValueKind.Object && error.TryGetProperty("description", out var why) ? why.ToString()
            : error.ToString();
    }

    private NatsConnection Connection() => _connection is { ConnectionState: NatsConnectionState.Open } open
        ? open
        : throw Unreachable.Broker(options, "the connection was lost");

    private async ValueTask ConnectAsync(CancellationToken cancellationToken)
    {
        if (_connection is not null)
        {
            // It connects anew by itself; until it has, nobody can be reached.
            _ = Connection();
            return;
        }
        try
        {
            await Opening().WaitAsync(cancellationToken);
        }
        catch (NatsException error)
        {
            throw Unreachable.Broker(options, error.GetBaseException().Message.TrimEnd('.'), error);
        }
    }

    // One for all, which goes on when those who wait for it give up; one that has failed is followed by another.
    private Task Opening()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_opening is null or { IsCompleted: true, IsCompletedSuccessfully: false })
            {
                _opening = Detached.RunAsync(SetUpAsync);
            }
            return _opening;
        }
    }

    private async Task SetUpAsync()
    {
        var connection = await NatsConnections.ConnectAsync(nodes, options.Credentials, options.Caller, $"{options.Caller} to {options.Service}");
        try
        {
            connection.ConnectionDisconnected += (_, args) =>
            {
                listener.Lost(args.Message.TrimEnd('.'));
                return ValueTask.CompletedTask;
            };
            var answering = await Subscription.StartAsync(connection, $"{_answers}.*", null, Receive);
            lock (_lock)
            {
                ObjectDisposedException.ThrowIf(_isDisposed, this);
                (_answering, _connection) = (answering, connection);
            }
        }
        catch
        {
            await NatsConnections.CloseAsync(connection);
            throw;
        }
    }

    private void Receive(ReceivedMessage answer)
    {
        if (!answer.HasNoResponders)
        {
            listener.Receive(answer.Message);
        }
        else if (ulong.TryParse(answer.Subject.AsSpan(_answers.Length + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var number))
        {
            listener.NobodyListens(new CallId(listener.Instance, number));
        }
    }
}
