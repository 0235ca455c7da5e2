using System.Collections.Concurrent;
using System.Text;
using Anywire.Brokers;
using Anywire.RabbitMq;
using Microsoft.Extensions.Logging.Abstractions;
using RabbitMQ.Client;

namespace Anywire.Messaging.Tests;

/// <summary>A channel is opened anew until it is open.</summary>
public sealed class KeptChannelTests(RabbitMqTestServer server)
{
    [Fact]
    public async Task One_whose_broker_did_not_answer_in_time_is_opened_the_next_time()
    {
        var broker = await server.BrokerAsync();
        var queue = $"kept-{Guid.NewGuid():N}";
        await using var connection = await new ConnectionFactory { HostName = "127.0.0.1", Port = broker.Port }.CreateConnectionAsync(TestContext.Current.CancellationToken);
        var (openings, taken) = (0, new ConcurrentQueue<string>());
        var kept = new KeptChannel(
            new Taking(
                "echo", "notes", Options: null, IsAcknowledged: false,
                async (channel, cancellationToken) =>
                {
                    if (Interlocked.Increment(ref openings) == 2)
                    {
                        // The library waits no more, whatever the broker says, as it does after 20 s for one that says nothing.
                        channel.ContinuationTimeout = TimeSpan.Zero;
                    }
                    await channel.QueueDeclareAsync(queue, durable: false, exclusive: false, autoDelete: true, cancellationToken: cancellationToken);
                    return queue;
                },
                (_, delivery, _) =>
                {
                    taken.Enqueue(Encoding.UTF8.GetString(delivery.Body.Span));
                    return Task.CompletedTask;
                }),
            TimeProvider.System, NullLogger.Instance);
        await kept.OpenAsync(connection, TestContext.Current.CancellationToken);
        await using var other = await connection.CreateChannelAsync(cancellationToken: TestContext.Current.CancellationToken);
        foreach (var word in new[] { "first", "second" })
        {
            var before = Volatile.Read(ref openings);
            await other.QueueDeleteAsync(queue, cancellationToken: TestContext.Current.CancellationToken);
            await Wait.UntilAsync(() => Volatile.Read(ref openings) > before, "it is opened again");
            await Wait.UntilAsync(
                async () =>
                {
                    await other.BasicPublishAsync("", queue, Encoding.UTF8.GetBytes(word), TestContext.Current.CancellationToken);
                    return taken.Contains(word);
                },
                $"the {word} is taken");
        }
        Assert.Equal(4, openings);
        await kept.StopAsync();
    }
}
