using Anywire.Brokers;
using Anywire.Messaging.Format;
using Anywire.Messaging.Sealing;
using Google.Protobuf;
using NATS.Client.Core;
using RabbitMQ.Client;
using Twite.Faults;

namespace Anywire.Messaging.Tests;

/// <summary>What never can be handled lies in a durable queue, before what can.</summary>
public sealed class PoisonTests(RabbitMqTestServer rabbit, NatsTestServer nats)
{
    [Fact]
    public async Task Over_NATS_it_goes_to_the_dead_letters_with_the_reason_and_the_rest_keeps_moving()
    {
        var broker = await nats.BrokerAsync();
        await using var bed = new EchoBed(BrokerUnderTest.Of(broker));
        await using var connection = new NatsConnection(new NatsOpts { Url = $"nats://127.0.0.1:{broker.Port}" });
        await GoesToTheDeadLettersAsync(bed, async message => await connection.PublishAsync(bed.Events, message));
    }

    [Fact]
    public async Task Over_NATS_what_fills_a_message_is_buried_without_what_it_says()
    {
        const int Most = 8 * 1024 * 1024;
        var broker = await nats.BrokerAsync();
        var wire = BrokerUnderTest.Of(broker);
        await using var bed = new EchoBed(wire);
        await bed.ListenAsync();
        await using var connection = new NatsConnection(new NatsOpts { Url = $"nats://127.0.0.1:{broker.Port}" });
        await connection.PublishAsync(bed.Events, new byte[Most]);
        await Wait.UntilAsync(() => !bed.DeadLetters.IsEmpty, "it is given up");
        await using var store = await ((IKeepsDeadLetters)wire.Transport).OpenDeadLettersAsync(bed.ClientOptions("operator"), CancellationToken.None);
        var letter = Assert.Single(await store.ListAsync(10, CancellationToken.None));
        Assert.Contains($"{Most:N0} bytes are not kept", letter.Reason, StringComparison.Ordinal);
        Assert.Equal(0, letter.Message.Length);
    }

    [Fact]
    public async Task Over_RabbitMQ_it_goes_to_the_dead_letters_with_the_reason_and_the_rest_keeps_moving()
    {
        LongForm.RequireIf(isLong: true);
        var broker = await rabbit.BrokerAsync();
        await using var bed = new EchoBed(BrokerUnderTest.Of(broker));
        await using var connection = await new ConnectionFactory { HostName = "127.0.0.1", Port = broker.Port }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await GoesToTheDeadLettersAsync(bed, async message => await channel.BasicPublishAsync("", bed.Events, message));
        await Wait.UntilAsync(async () => await channel.MessageCountAsync(bed.Dead) == 5, "all of them are kept");
        var letter = await channel.BasicGetAsync(bed.Dead, autoAck: false);
        Assert.NotEmpty((byte[])letter!.BasicProperties.Headers!["anywire-reason"]!);
    }

    [Fact]
    public async Task Over_RabbitMQ_as_many_as_are_taken_at_once_whose_count_of_deliveries_is_none_leave_room_for_the_rest()
    {
        const int AtOnce = 64;
        var broker = await rabbit.BrokerAsync();
        await using var bed = new EchoBed(BrokerUnderTest.Of(broker));
        var echo = await bed.ListenAsync();
        await using var connection = await new ConnectionFactory { HostName = "127.0.0.1", Port = broker.Port }.CreateConnectionAsync(TestContext.Current.CancellationToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: TestContext.Current.CancellationToken);
        object?[] odd = ["many"u8.ToArray(), new Dictionary<string, object?>(StringComparer.Ordinal) { ["of"] = 1 }, 1e300];
        for (var i = 0; i < AtOnce; i++)
        {
            var properties = new BasicProperties { Headers = new Dictionary<string, object?>(StringComparer.Ordinal) { ["x-delivery-count"] = odd[i % odd.Length] } };
            await channel.BasicPublishAsync("", bed.Events, mandatory: true, properties, "GET / HTTP/1.1"u8.ToArray(), TestContext.Current.CancellationToken);
        }
        await bed.Connect().NoteAsync(new Word { Text = "on it goes" }, cancellationToken: TestContext.Current.CancellationToken).ResponseAsync.Soon();
        await Wait.UntilAsync(() => !echo.Notes.IsEmpty, "what can be handled is");
        await Wait.UntilAsync(() => bed.DeadLetters.Count == AtOnce, "all others are given up");
        Assert.Equal(["on it goes"], echo.Notes);
    }

    private static async Task GoesToTheDeadLettersAsync(EchoBed bed, Func<byte[], Task> publishAsync)
    {
        var echo = await bed.ListenAsync();
        // No message; of another kind; sealed, where nothing is; for no method that takes events; larger than the contract allows.
        await publishAsync("GET / HTTP/1.1"u8.ToArray());
        await publishAsync(Message(MessageKind.Request, "Note", "on"));
        await publishAsync(Message(MessageKind.Event, "Note", "on", new SealKey(1, new byte[32])));
        await publishAsync(Message(MessageKind.Event, "Say", "on"));
        await publishAsync(Message(MessageKind.Event, "Note", new string('x', 2_000)));
        await bed.Connect().NoteAsync(new Word { Text = "on it goes" }).ResponseAsync.Soon();
        await Wait.UntilAsync(() => echo.Notes.Contains("on it goes"), "what can be handled is");
        await Wait.UntilAsync(() => bed.DeadLetters.Count == 5, "all others are given up");
        Assert.Equal(["on it goes"], echo.Notes);
        Assert.All(bed.DeadLetters, letter => Assert.NotEmpty(letter.Reason));
    }

    private static byte[] Message(MessageKind kind, string method, string text, SealKey? key = null)
    {
        var message = new MessageWriter(kind, new CallId(1, 2), "tester", "echo", key);
        new RequestHead($"/anywire.messaging.tests.Echo/{method}", TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(10), 0, null).Write(message);
        message.Body(Grpc.Core.Marshallers.Create(static (Word w) => w.ToByteArray(), Word.Parser.ParseFrom), new Word { Text = text });
        return message.Finish().ToArray();
    }
}
