using System.Collections.Concurrent;
using Anywire.Brokers;
using Grpc.Core;
using Twite.Faults;

namespace Anywire.Messaging.Tests;

/// <summary>Several servers of one service, several callers.</summary>
public sealed class ReplicaTests(RabbitMqTestServer rabbit, NatsTestServer nats)
{
    // RabbitMQ gives each in turn; NATS picks at random, so that evenness takes more calls.
    [Fact]
    public async Task Over_RabbitMQ_each_reply_reaches_its_caller_and_the_work_is_shared_within_a_tenth()
    {
        LongForm.RequireIf(isLong: true);
        await ShareAsync(BrokerUnderTest.Of(await rabbit.BrokerAsync()), calls: 100, within: 0.1);
    }

    [Fact]
    public async Task Over_NATS_each_reply_reaches_its_caller_and_the_work_is_shared_within_a_tenth() =>
        await ShareAsync(BrokerUnderTest.Of(await nats.BrokerAsync()), calls: 700, within: 0.1);

    [Fact]
    public async Task When_the_node_of_RabbitMQ_is_lost_that_has_the_queue_of_requests_an_instance_at_another_makes_it_anew()
    {
        LongForm.RequireIf(isLong: true);
        await using var first = await RabbitMqBroker.StartAsync();
        await using var second = await RabbitMqBroker.StartAsync(joined: first);
        await using var bed = new EchoBed(BrokerUnderTest.Of(first));
        await bed.ListenAsync("one");
        await bed.ListenAsync("two", second.Port);
        var client = bed.Connect(port: second.Port);
        foreach (var name in new[] { "one", "two" })
        {
            await Wait.UntilAsync(async () => (await client.SayAsync(new Word()).ResponseAsync.Soon()).By == name, $"{name} takes from the first's queue");
        }
        await first.KillAsync();
        await Wait.UntilAsync(() => AnswersAsync(client), "the second is asked by a queue of its own");
    }

    private static async Task<bool> AnswersAsync(Echo.EchoClient client)
    {
        try
        {
            return (await client.AskAsync(new Word(), deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(2))).By == "two";
        }
        catch (RpcException error) when (error.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded)
        {
            return false;
        }
    }

    private static async Task ShareAsync(BrokerUnderTest wire, int calls, double within)
    {
        await using var bed = new EchoBed(wire);
        string[] names = ["one", "two", "three"];
        foreach (var name in names)
        {
            await bed.ListenAsync(name);
        }
        var answers = new ConcurrentBag<string>();
        await Task.WhenAll(new[] { "web-1", "web-2" }.SelectMany(caller =>
        {
            var client = bed.Connect(caller);
            return Enumerable.Range(0, 8).Select(async lane =>
            {
                for (var i = 0; i < calls; i++)
                {
                    var said = $"{caller} {lane} {i}";
                    var heard = await client.SayAsync(new Word { Text = said }).ResponseAsync.Soon();
                    Assert.Equal(said, heard.Text);
                    answers.Add(heard.By);
                }
            });
        }));
        var share = answers.Count / (double)names.Length;
        Assert.All(names, name => Assert.InRange(answers.Count(a => a == name), share * (1 - within), share * (1 + within)));
    }
}
