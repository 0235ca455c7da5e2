using Anywire.Brokers;
using Grpc.Core;
using RabbitMQ.Client;
using Twite.Faults;

namespace Anywire.Messaging.Tests;

/// <summary>RabbitMQ ends what an instance takes by, and leaves it its connection.</summary>
public sealed class ChannelLostTests(RabbitMqTestServer server)
{
    [Fact]
    public async Task An_instance_whose_queues_are_deleted_takes_from_new_ones()
    {
        var broker = await server.BrokerAsync();
        await using var bed = new EchoBed(BrokerUnderTest.Of(broker));
        var echo = await bed.ListenAsync();
        var client = bed.Connect();
        await client.SayAsync(new Word()).ResponseAsync.Soon();
        await using (var connection = await new ConnectionFactory { HostName = "127.0.0.1", Port = broker.Port }.CreateConnectionAsync())
        await using (var channel = await connection.CreateChannelAsync())
        {
            await channel.QueueDeleteAsync(bed.Requests);
            await channel.QueueDeleteAsync(bed.Events);
        }
        await Wait.UntilAsync(() => SucceedsAsync(client.AskAsync(new Word())), "requests are answered again");
        await Wait.UntilAsync(() => SucceedsAsync(client.NoteAsync(new Word { Text = "on" })), "events are taken again");
        await Wait.UntilAsync(() => !echo.Notes.IsEmpty, "and handled");
        Assert.Contains(bed.Log.GetSnapshot(), l => l.Id.Id == 7305);
    }

    [Fact]
    public async Task A_reply_that_the_broker_refuses_costs_the_calls_under_way_and_no_later_one()
    {
        LongForm.RequireIf(isLong: true);
        await using var broker = await RabbitMqBroker.StartAsync(maxMessageBytes: 1024 * 1024);
        await using var bed = new EchoBed(BrokerUnderTest.Of(broker));
        var echo = await bed.ListenAsync(new string('x', 2 * 1024 * 1024));
        var client = bed.Connect();
        // The broker closes the channel that the reply came by; with the last that takes from it the queue is gone, and the request with it.
        await Wait.FailsAsync(() => client.SayAsync(new Word(), deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(2)).ResponseAsync);
        echo.Name = "";
        await Wait.UntilAsync(() => SucceedsAsync(client.AskAsync(new Word())), "requests are answered again");
        await client.NoteAsync(new Word { Text = "on" }).ResponseAsync.Soon();
        await Wait.UntilAsync(() => !echo.Notes.IsEmpty, "events are handled");
    }

    private static async Task<bool> SucceedsAsync<T>(AsyncUnaryCall<T> call)
    {
        try
        {
            // A queue that goes says that it is full.
            await call.ResponseAsync.Soon();
            return true;
        }
        catch (RpcException error) when (error.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.ResourceExhausted)
        {
            return false;
        }
    }
}
