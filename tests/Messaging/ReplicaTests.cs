using System.Collections.Concurrent;
using Anywire.Brokers;
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
