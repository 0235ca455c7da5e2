using Anywire.Brokers;
using Grpc.Core;

namespace Anywire.Messaging.Tests;

/// <summary>An event is sent again, since its sender has not heard that the broker has it.</summary>
public sealed class SentTwiceTests(NatsTestServer nats)
{
    [Fact]
    public async Task Over_NATS_it_is_accepted_again_and_handled_once()
    {
        await using var bed = new EchoBed(BrokerUnderTest.Of(await nats.BrokerAsync()));
        var echo = await bed.ListenAsync();
        var client = bed.Connect();
        foreach (var (text, id) in new[] { ("one", "tester-1"), ("one", "tester-1"), ("two", "tester-2") })
        {
            await client.NoteAsync(new Word { Text = text }, new Metadata { { EventMetadata.IdKey, id } }).ResponseAsync.Soon();
        }
        await Wait.UntilAsync(() => echo.Notes.Contains("one") && echo.Notes.Contains("two"), "both are handled");
        Assert.Equal(["one", "two"], echo.Notes.Order());
    }
}
