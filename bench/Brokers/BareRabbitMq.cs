using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using Anywire.Brokers;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Twite.Bench.Brokers;

/// <summary>Request and reply as RabbitMQ's documentation has them: direct reply-to, acknowledged after handling, mandatory, expiring. Bytes in, bytes out.</summary>
internal sealed class BareRabbitMq : IAsyncDisposable
{
    private const string DirectReplyTo = "amq.rabbitmq.reply-to";
    private static readonly CachedString RequestQueue = new("bench.requests");

    private readonly ConcurrentDictionary<string, TaskCompletionSource<byte[]>> _pending = new(StringComparer.Ordinal);
    private readonly IConnection _caller;
    private readonly IConnection _handler;
    private readonly IChannel _requests;
    private long _last;

    private BareRabbitMq(IConnection caller, IConnection handler, IChannel requests) => (_caller, _handler, _requests) = (caller, handler, requests);

    public static async Task<BareRabbitMq> OpenAsync(RabbitMqBroker broker, byte[] reply)
    {
        var factory = Factory(broker);
        var (caller, handler) = (await factory.CreateConnectionAsync(), await factory.CreateConnectionAsync());
        var served = await handler.CreateChannelAsync();
        await served.BasicQosAsync(0, 10_000, global: false);
        await served.QueueDeclareAsync(RequestQueue.Value, durable: false, exclusive: false, autoDelete: true);
        var serving = new AsyncEventingBasicConsumer(served);
        serving.ReceivedAsync += async (_, delivery) =>
        {
            await served.BasicPublishAsync(
                "", delivery.BasicProperties.ReplyTo!, mandatory: false, new BasicProperties { CorrelationId = delivery.BasicProperties.CorrelationId }, reply);
            await served.BasicAckAsync(delivery.DeliveryTag, multiple: false);
        };
        await served.BasicConsumeAsync(RequestQueue.Value, autoAck: false, serving);

        var loop = new BareRabbitMq(caller, handler, await caller.CreateChannelAsync());
        var answered = new AsyncEventingBasicConsumer(loop._requests);
        answered.ReceivedAsync += (_, delivery) =>
        {
            if (loop._pending.TryRemove(delivery.BasicProperties.CorrelationId ?? "", out var waiting))
            {
                waiting.SetResult(delivery.Body.ToArray());
            }
            return Task.CompletedTask;
        };
        await loop._requests.BasicConsumeAsync(DirectReplyTo, autoAck: true, answered);
        return loop;
    }

    public async Task<byte[]> CallAsync(byte[] request, TimeSpan timeout)
    {
        var id = Interlocked.Increment(ref _last).ToString(CultureInfo.InvariantCulture);
        var waiting = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        _pending[id] = waiting;
        await _requests.BasicPublishAsync(
            CachedString.Empty, RequestQueue, mandatory: true,
            new BasicProperties { CorrelationId = id, ReplyTo = DirectReplyTo, Expiration = ((int)timeout.TotalMilliseconds).ToString(CultureInfo.InvariantCulture) }, request);
        return await waiting.Task.WaitAsync(timeout);
    }

    /// <summary>Over TLS, as the service that calls.</summary>
    public static ConnectionFactory Factory(RabbitMqBroker broker)
    {
        var credentials = broker.Authority.For("web");
        return new ConnectionFactory
        {
            HostName = "127.0.0.1",
            Port = broker.SecuredPort,
            AuthMechanisms = [new ExternalMechanismFactory()],
            Ssl = new SslOption("broker", enabled: true)
            {
                Certs = [credentials.Certificate],
                CertificateSelectionCallback = (_, _, _, _, _) => credentials.Certificate,
                CertificateValidationCallback = (_, peer, _, _) => peer is X509Certificate2 certificate && credentials.IsTrusted(certificate),
            },
        };
    }

    public async ValueTask DisposeAsync()
    {
        await _caller.DisposeAsync();
        await _handler.DisposeAsync();
    }
}
