using Anywire.Brokers;
using Grpc.Core;
using RabbitMQ.Client;
using Twite.Faults;

namespace Anywire.Messaging.Tests;

/// <summary>A request comes more than once.</summary>
public sealed class RedeliveryTests(RabbitMqTestServer server)
{
    [Fact]
    public async Task A_request_whose_handler_died_runs_elsewhere_only_when_it_is_idempotent()
    {
        LongForm.RequireIf(isLong: true);
        var broker = await server.BrokerAsync();
        await using var bed = new EchoBed(BrokerUnderTest.Of(broker));
        var echo = await bed.ListenAsync();
        var client = bed.Connect();

        Task<Word> asked = null!;
        await TakeOneAndDieAsync(broker, bed.Requests, () => asked = client.AskAsync(new Word { Text = "again" }).ResponseAsync);
        Assert.Equal("again", (await asked.Soon()).Text);
        Assert.Equal(1, echo.Calls);

        Task<Word> said = null!;
        await TakeOneAndDieAsync(broker, bed.Requests, () => said = client.SayAsync(new Word()).ResponseAsync);
        var error = await Wait.FailsAsync(StatusCode.Unavailable, () => said);
        Assert.False(NotExecuted.IsMarked(error), "Its handler may have run.");
        Assert.Equal(1, echo.Calls);
    }

    [Fact]
    public async Task A_stream_whose_handler_died_does_not_begin_again_elsewhere()
    {
        LongForm.RequireIf(isLong: true);
        var broker = await server.BrokerAsync();
        await using var bed = new EchoBed(BrokerUnderTest.Of(broker));
        var echo = await bed.ListenAsync();
        AsyncServerStreamingCall<Word> watched = null!;
        await TakeOneAndDieAsync(broker, bed.Requests, () => watched = bed.Connect().Watch(new Word()));
        var error = await Wait.FailsAsync(StatusCode.Unavailable, () => watched.ResponseStream.MoveNext(default));
        Assert.False(NotExecuted.IsMarked(error), "Its handler may have run.");
        Assert.Equal(0, echo.Calls);
    }

    [Fact]
    public async Task A_request_that_is_sent_again_by_whoever_has_heard_it_runs_once()
    {
        LongForm.RequireIf(isLong: true);
        var broker = await server.BrokerAsync();
        await using var bed = new EchoBed(BrokerUnderTest.Secured(broker));
        var echo = await bed.ListenAsync();
        await using var connection = await new ConnectionFactory { HostName = "127.0.0.1", Port = broker.Port }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        var request = bed.Request("tester", "tester", "/anywire.messaging.tests.Echo/Say");
        await channel.BasicPublishAsync("", bed.Requests, request);
        await channel.BasicPublishAsync("", bed.Requests, request);
        await Wait.UntilAsync(() => bed.Log.GetSnapshot().Any(l => l.Id.Id == 7301 && l.Message.Contains("for the second time", StringComparison.Ordinal)), "the second is refused");
        await Wait.UntilAsync(() => echo.Calls == 1, "the first runs");
        await Wait.UntilAsync(async () => await channel.MessageCountAsync(bed.Requests) == 0, "neither comes again");
        Assert.Equal(1, echo.Calls);
    }

    // Another instance, as it seems, takes the request before ours does, and is gone.
    private static async Task TakeOneAndDieAsync(RabbitMqBroker broker, string queue, Action call)
    {
        await using var connection = await new ConnectionFactory { HostName = "127.0.0.1", Port = broker.Port }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await channel.BasicQosAsync(0, 1, global: false);
        var taken = new TaskCompletionSource();
        var consumer = new RabbitMQ.Client.Events.AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, _) =>
        {
            taken.TrySetResult();
            return Task.CompletedTask;
        };
        // The highest priority: the broker gives it everything that it takes.
        await channel.BasicConsumeAsync(
            queue, autoAck: false, "", noLocal: false, exclusive: false, new Dictionary<string, object?> { ["x-priority"] = 10 }, consumer);
        call();
        await taken.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await connection.CloseAsync();
    }
}
