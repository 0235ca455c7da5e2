using Anywire.Brokers;
using Grpc.Core;

namespace Anywire.Messaging.Tests;

/// <summary>One of two instances stops, and takes its time over what it has.</summary>
public sealed class DrainTests(RabbitMqTestServer rabbit, NatsTestServer nats)
{
    private const int Calls = 40;

    [Fact]
    public async Task Over_NATS_it_takes_no_more_from_the_other() => await TakesNoMoreAsync(BrokerUnderTest.Of(await nats.BrokerAsync()));

    [Fact]
    public async Task Over_RabbitMQ_it_takes_no_more_from_the_other() => await TakesNoMoreAsync(BrokerUnderTest.Of(await rabbit.BrokerAsync()));

    private static async Task TakesNoMoreAsync(BrokerUnderTest wire)
    {
        await using var bed = new EchoBed(wire);
        var (server, one) = await bed.ServeAsync("one");
        var answers = new TaskCompletionSource();
        one.Answers = answers.Task;
        var client = bed.Connect();
        var held = client.SayAsync(new Word()).ResponseAsync;
        await Wait.UntilAsync(() => one.Calls == 1, "it has a call");
        var two = await bed.ListenAsync("two");
        var stopping = server.StopAsync(CancellationToken.None);
        // Until the broker has heard of it some are refused.
        await Wait.UntilAsync(() => AllAnsweredAsync(client), "no call comes to the one that stops");
        await client.NoteAsync(new Word { Text = "on" }).ResponseAsync.Soon();
        await Wait.UntilAsync(() => two.Notes.Contains("on"), "no event either");
        Assert.False(stopping.IsCompleted);
        answers.SetResult();
        Assert.Equal("one", (await held.Soon()).By);
        await stopping.Soon();
    }

    private static async Task<bool> AllAnsweredAsync(Echo.EchoClient client)
    {
        try
        {
            for (var call = 0; call < Calls; call++)
            {
                Assert.Equal("two", (await client.SayAsync(new Word()).ResponseAsync.Soon()).By);
            }
            return true;
        }
        catch (RpcException refused) when (refused.StatusCode == StatusCode.Unavailable)
        {
            return false;
        }
    }
}
