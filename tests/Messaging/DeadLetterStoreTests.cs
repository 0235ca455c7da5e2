using System.Text;
using Anywire.Brokers;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Twite.Faults;

namespace Anywire.Messaging.Tests;

/// <summary>What an operator does with what was given up.</summary>
public sealed class DeadLetterStoreTests(RabbitMqTestServer rabbit, NatsTestServer nats)
{
    [Fact]
    public async Task Over_NATS_they_are_listed_with_the_reason_given_again_and_forgotten() => await UseAsync(BrokerUnderTest.Of(await nats.BrokerAsync()));

    [Fact]
    public async Task Over_RabbitMQ_they_are_listed_with_the_reason_given_again_and_forgotten()
    {
        LongForm.RequireIf(isLong: true);
        await UseAsync(BrokerUnderTest.Of(await rabbit.BrokerAsync()));
    }

    [Fact]
    public async Task Over_NATS_whoever_looks_often_takes_none_away() => await LookOftenAsync(BrokerUnderTest.Of(await nats.BrokerAsync()));

    [Fact]
    public async Task Over_RabbitMQ_whoever_looks_often_takes_none_away()
    {
        LongForm.RequireIf(isLong: true);
        await LookOftenAsync(BrokerUnderTest.Of(await rabbit.BrokerAsync()));
    }

    [Fact]
    public async Task Over_RabbitMQ_what_has_no_id_keeps_the_one_it_is_given()
    {
        LongForm.RequireIf(isLong: true);
        var broker = await rabbit.BrokerAsync();
        await using var bed = new EchoBed(BrokerUnderTest.Of(broker));
        await using var store = await ((IKeepsDeadLetters)BrokerUnderTest.Of(broker).Transport).OpenDeadLettersAsync(bed.ClientOptions("operator"), CancellationToken.None);
        await bed.ListenAsync();
        await using var connection = await new ConnectionFactory { HostName = "127.0.0.1", Port = broker.Port }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        foreach (var text in new[] { "one", "two" })
        {
            await channel.BasicPublishAsync("", bed.Events, Encoding.ASCII.GetBytes(text));
            await Wait.UntilAsync(async () => (await store.ListAsync(10, CancellationToken.None)).Count == (text == "one" ? 1 : 2), "it is given up");
        }
        var letters = await store.ListAsync(10, CancellationToken.None);
        Assert.True(await store.DropAsync(letters[0].Id, CancellationToken.None));
        Assert.False(await store.DropAsync(letters[0].Id, CancellationToken.None));
        Assert.Equal(letters[1].Id, Assert.Single(await store.ListAsync(10, CancellationToken.None)).Id);
    }

    [Fact]
    public async Task Over_RabbitMQ_no_number_of_looks_takes_one_away()
    {
        // RabbitMQ 4 deletes what was given back 20 times from a queue that says nothing else.
        var broker = await rabbit.BrokerAsync();
        await using var bed = new EchoBed(BrokerUnderTest.Of(broker));
        await bed.ListenAsync();
        await using var connection = await new ConnectionFactory { HostName = "127.0.0.1", Port = broker.Port }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        var other = await Assert.ThrowsAsync<OperationInterruptedException>(() => DeclareAsOnceAsync(channel, bed.Dead));
        Assert.Contains("'x-delivery-limit'", other.Message, StringComparison.Ordinal);
        Assert.Contains("current is the value '1000000000'", other.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Over_RabbitMQ_those_of_an_earlier_version_stay_where_they_are()
    {
        var broker = await rabbit.BrokerAsync();
        await using var bed = new EchoBed(BrokerUnderTest.Of(broker));
        await using var connection = await new ConnectionFactory { HostName = "127.0.0.1", Port = broker.Port }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await DeclareAsOnceAsync(channel, bed.Dead);
        (await bed.ListenAsync()).Refuses = true;
        await bed.Connect().NoteAsync(new Word { Text = "one" }, new Grpc.Core.Metadata { { EventMetadata.IdKey, "tester-1" } }).ResponseAsync.Soon();
        await Wait.UntilAsync(async () => await channel.MessageCountAsync(bed.Dead) == 1, "it is given up");
    }

    private static Task DeclareAsOnceAsync(IChannel channel, string dead) => channel.QueueDeclareAsync(
        dead, durable: true, exclusive: false, autoDelete: false,
        new Dictionary<string, object?>(StringComparer.Ordinal) { ["x-queue-type"] = "quorum", ["x-max-length"] = 100_000 });

    // A broker that counts a look as a delivery gives up after 20 of them.
    private static async Task LookOftenAsync(BrokerUnderTest broker)
    {
        await using var bed = new EchoBed(broker);
        await using var store = await ((IKeepsDeadLetters)broker.Transport).OpenDeadLettersAsync(bed.ClientOptions("operator"), CancellationToken.None);
        (await bed.ListenAsync()).Refuses = true;
        await bed.Connect().NoteAsync(new Word { Text = "one" }, new Grpc.Core.Metadata { { EventMetadata.IdKey, "tester-1" } }).ResponseAsync.Soon();
        await Wait.UntilAsync(() => !bed.DeadLetters.IsEmpty, "it is given up");
        for (var look = 0; look < 30; look++)
        {
            Assert.True((await store.ListAsync(10, CancellationToken.None)).Count == 1, $"gone after {look} looks");
        }
    }

    private static async Task UseAsync(BrokerUnderTest broker)
    {
        await using var bed = new EchoBed(broker);
        await using var store = await ((IKeepsDeadLetters)broker.Transport).OpenDeadLettersAsync(bed.ClientOptions("operator"), CancellationToken.None);
        Assert.Empty(await store.ListAsync(10, CancellationToken.None));
        var echo = await bed.ListenAsync();
        Assert.Empty(await store.ListAsync(10, CancellationToken.None));
        echo.Refuses = true;
        foreach (var (text, id) in new[] { ("one", "tester-1"), ("two", "tester-2") })
        {
            await bed.Connect().NoteAsync(new Word { Text = text }, new Grpc.Core.Metadata { { EventMetadata.IdKey, id } }).ResponseAsync.Soon();
            await Wait.UntilAsync(() => bed.DeadLetters.Any(l => l.EventId == id), "it is given up");
        }
        var letters = await store.ListAsync(10, CancellationToken.None);
        Assert.Equal(["tester-1", "tester-2"], letters.Select(l => l.EventId));
        Assert.All(letters, l => Assert.Equal(("tester", "/anywire.messaging.tests.Echo/Note"), (l.Sender, l.Method)));
        Assert.All(letters, l => Assert.Contains("Not that.", l.Reason, StringComparison.Ordinal));
        Assert.All(letters, l => Assert.InRange(TimeProvider.System.GetUtcNow() - l.At!.Value, TimeSpan.FromSeconds(-1), TimeSpan.FromMinutes(1)));
        Assert.All(letters, l => Assert.Equal(l.Message.Length, l.Bytes));
        Assert.Single(await store.ListAsync(1, CancellationToken.None));

        echo.Refuses = false;
        Assert.True(await store.ReplayAsync(letters[0].Id, CancellationToken.None));
        await Wait.UntilAsync(() => echo.Notes.Contains("one"), "it is handled");
        Assert.True(await store.DropAsync(letters[1].Id, CancellationToken.None));
        Assert.Empty(await store.ListAsync(10, CancellationToken.None));
        Assert.False(await store.ReplayAsync(letters[1].Id, CancellationToken.None));
        Assert.False(await store.DropAsync("nonsense", CancellationToken.None));
        Assert.Equal(["one"], echo.Notes);
    }
}
