using Anywire.Brokers;
using Anywire.Certificates;
using Grpc.Core;

namespace Anywire.Messaging.Tests;

/// <summary>A peer seals with keys that the service still understands, and has no public key of the number that the service seals with now. Over NATS, which ends the
/// subscription of whoever throws.</summary>
public sealed class UnansweredTests(SecuredNatsTestServer nats)
{
    private const uint Old = 1;
    private const uint New = 2;

    [Fact]
    public async Task Who_cannot_be_answered_costs_the_others_nothing()
    {
        var broker = await nats.BrokerAsync();
        await using var bed = new EchoBed(
            BrokerUnderTest.Secured(broker) with { Credentials = name => broker.Authority.For(name) with { MessageKeys = KeysOf(broker.Authority, name) } });
        var echo = await bed.ListenAsync();
        var deadline = TimeProvider.System.GetUtcNow().UtcDateTime.AddMilliseconds(500);
        await Wait.FailsAsync(StatusCode.DeadlineExceeded, () => bed.Connect("tester").SayAsync(new Word(), deadline: deadline).ResponseAsync);
        await Wait.UntilAsync(() => bed.Log.GetSnapshot().Any(l => l.Id.Id == 7308 && l.Exception is RpcException), "it is logged");
        Assert.Equal("on", (await bed.Connect("other").SayAsync(new Word { Text = "on" }).ResponseAsync.Soon()).Text);
        Assert.Equal(1, echo.Calls);
    }

    private static MessageKeys KeysOf(TestAuthority authority, string name)
    {
        if (name == "tester")
        {
            return authority.KeysOf(name, Old);
        }
        var keys = authority.KeysOf(name, New, Old);
        return keys with { Peers = keys.Peers.SetItem("tester", keys.Peers["tester"].Remove(New)) };
    }
}
