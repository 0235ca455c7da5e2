using Anywire.Brokers;
using Microsoft.Extensions.Logging;
using NATS.Client.Core;
using RabbitMQ.Client;
using Twite.Faults;

namespace Anywire.Messaging.Tests;

/// <summary>Messages that nobody of us has sent.</summary>
public sealed class StrangerTests(RabbitMqTestServer rabbit, NatsTestServer nats)
{
    // In hexadecimal: a test's name shows it.
    public static TheoryData<string> Messages =>
    [
        "",
        "01",
        // Another version, another kind.
        "0201" + Zeros,
        "0109" + Zeros,
        // A name that is longer than the message.
        "0101" + "0000000000000000000000000000000000000000" + "FF41",
        // Four billion entries of metadata.
        "0101" + "0000000000000000000000000000000000000000" + "0161" + "046563686F" + "000000012F" + "0000000000000000" + "00000000" + "FFFFFFFF",
        Convert.ToHexString("GET / HTTP/1.1\r\n\r\n"u8),
    ];

    private const string Zeros = "00000000000000000000000000000000000000000000000000";

    [Theory, MemberData(nameof(Messages))]
    public async Task Over_RabbitMQ_what_is_no_message_is_refused_logged_and_gone_and_others_never_notice(string message)
    {
        LongForm.RequireIf(isLong: true);
        var broker = await rabbit.BrokerAsync();
        await using var bed = new EchoBed(BrokerUnderTest.Of(broker));
        await bed.ListenAsync();
        await using var connection = await new ConnectionFactory { HostName = "127.0.0.1", Port = broker.Port }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await channel.BasicPublishAsync("", bed.Requests, Convert.FromHexString(message));
        await IsRefusedAsync(bed);
        await Wait.UntilAsync(async () => (await channel.QueueDeclarePassiveAsync(bed.Requests)).MessageCount == 0, "it is not delivered again and again");
    }

    [Theory, MemberData(nameof(Messages))]
    public async Task Over_NATS_what_is_no_message_is_refused_and_logged_and_others_never_notice(string message)
    {
        var broker = await nats.BrokerAsync();
        await using var bed = new EchoBed(BrokerUnderTest.Of(broker));
        await bed.ListenAsync();
        await using var connection = new NatsConnection(new NatsOpts { Url = $"nats://127.0.0.1:{broker.Port}" });
        await connection.PublishAsync(bed.Requests, Convert.FromHexString(message));
        await IsRefusedAsync(bed);
    }

    private static async Task IsRefusedAsync(EchoBed bed)
    {
        await Wait.UntilAsync(() => bed.Log.GetSnapshot().Any(l => l.Id.Id == 7301 && l.Level == LogLevel.Warning), "it is logged");
        Assert.Equal("on", (await bed.Connect().SayAsync(new Word { Text = "on" }).ResponseAsync.Soon()).Text);
    }
}
