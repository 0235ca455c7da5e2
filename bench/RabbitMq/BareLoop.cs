using System.Collections.Concurrent;
using System.Globalization;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Twite.Bench.RabbitMq;

/// <summary>Request and reply as RabbitMQ's documentation has them: direct reply-to, acknowledged after handling, mandatory, expiring. Bytes in, bytes out.</summary>
internal sealed class BareLoop : IAsyncDisposable
{
    private const string DirectReplyTo = "amq.rabbitmq.reply-to";
    private static readonly CachedString RequestQueue = new("bench.requests");

    private readonly ConcurrentDictionary<string, TaskCompletionSource<byte[]>> _pending = new(StringComparer.Ordinal);
    private readonly IConnection _caller;
    private readonly IConnection _handler;
    private readonly IChannel _requests;
    private long _last;

    private BareLoop(IConnection caller, IConnection handler, IChannel requests) => (_caller, _handler, _requests) = (caller, handler, requests);

    public static async Task<BareLoop> OpenAsync(int port, byte[] reply)
    {
        var factory = new ConnectionFactory { HostName = "127.0.0.1", Port = port };
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

        var loop = new BareLoop(caller, handler, await caller.CreateChannelAsync());
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

    public async ValueTask DisposeAsync()
    {
        await _caller.DisposeAsync();
        await _handler.DisposeAsync();
    }
}
