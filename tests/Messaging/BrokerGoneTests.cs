using Anywire.Brokers;
using Grpc.Core;
using Twite.Faults;

namespace Anywire.Messaging.Tests;

/// <summary>The broker is killed and comes back.</summary>
public sealed class BrokerGoneTests(RabbitMqTestServer rabbit, NatsTestServer nats)
{
    [Fact]
    public async Task RabbitMq()
    {
        LongForm.RequireIf(isLong: true);
        await using var broker = await RabbitMqBroker.StartAsync();
        await EndsWhatWasUnderWayRefusesWhatComesAndGoesOnAsync(BrokerUnderTest.Of(broker), broker.KillAsync, broker.StartAgainAsync);
    }

    [Fact]
    public async Task Nats()
    {
        await using var broker = await NatsBroker.StartAsync();
        await EndsWhatWasUnderWayRefusesWhatComesAndGoesOnAsync(BrokerUnderTest.Of(broker), broker.KillAsync, broker.StartAgainAsync);
    }

    [Fact]
    public async Task RabbitMq_with_a_node_that_is_away() => await ListensAtTheOtherAsync(BrokerUnderTest.Of(await rabbit.BrokerAsync()));

    [Fact]
    public async Task Nats_with_a_node_that_is_away() => await ListensAtTheOtherAsync(BrokerUnderTest.Of(await nats.BrokerAsync()));

    [Fact]
    public async Task A_request_that_the_broker_refuses_costs_the_calls_under_way_and_no_later_one()
    {
        LongForm.RequireIf(isLong: true);
        await using var broker = await RabbitMqBroker.StartAsync(maxMessageBytes: 1024 * 1024);
        await using var bed = new EchoBed(BrokerUnderTest.Of(broker));
        await bed.ListenAsync();
        var client = bed.Connect();
        await client.SayAsync(new Word()).ResponseAsync.Soon();
        // The broker closes the channel that it came by.
        await Wait.FailsAsync(StatusCode.Unavailable, () => client.SayAsync(new Word { Text = new string('x', 2 * 1024 * 1024) }).ResponseAsync);
        Assert.Equal("on", (await client.SayAsync(new Word { Text = "on" }).ResponseAsync.Soon()).Text);
    }

    private static async Task ListensAtTheOtherAsync(BrokerUnderTest wire)
    {
        await using var bed = new EchoBed(wire);
        await bed.ListenAsync("", 1, bed.Endpoint.Port);
        Assert.Equal("here", (await bed.Connect().SayAsync(new Word { Text = "here" }).ResponseAsync.Soon()).Text);
    }

    private static async Task EndsWhatWasUnderWayRefusesWhatComesAndGoesOnAsync(BrokerUnderTest wire, Func<Task> killAsync, Func<Task> startAgainAsync)
    {
        await using var bed = new EchoBed(wire);
        var echo = await bed.ListenAsync();
        var client = bed.Connect();
        using var held = client.HoldAsync(new Word());
        using var watched = client.Watch(new Word());
        Assert.True(await watched.ResponseStream.MoveNext(default).Soon());
        await Wait.UntilAsync(() => echo.Calls == 2, "both are handled");

        await killAsync();

        await Wait.FailsAsync(StatusCode.Unavailable, () => held.ResponseAsync);
        await Wait.FailsAsync(StatusCode.Unavailable, () => watched.ResponseStream.MoveNext(default));
        // No longer than it takes to say so, although its deadline is far.
        var refused = await Wait.FailsAsync(StatusCode.Unavailable, () => client.HoldAsync(new Word()).ResponseAsync);
        Assert.True(NotExecuted.IsMarked(refused), "It is not marked as not executed.");
        Assert.True(NotExecuted.IsMarked(await Wait.FailsAsync(StatusCode.Unavailable, () => bed.Connect().SayAsync(new Word()).ResponseAsync)));

        await startAgainAsync();

        await Wait.UntilAsync(() => AnswersAsync(client), "the same client is answered by the same server");
        Assert.Equal("again", (await client.SayAsync(new Word { Text = "again" }).ResponseAsync.Soon()).Text);
        using var watchedAgain = client.Watch(new Word { Text = "anew" });
        Assert.True(await watchedAgain.ResponseStream.MoveNext(default).Soon());
    }

    private static async Task<bool> AnswersAsync(Echo.EchoClient client)
    {
        try
        {
            await client.AskAsync(new Word(), deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(2));
            return true;
        }
        catch (RpcException error) when (error.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded)
        {
            return false;
        }
    }
}
