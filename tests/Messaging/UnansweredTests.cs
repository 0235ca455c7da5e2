using Anywire.Brokers;
using Anywire.Certificates;
using Grpc.Core;

namespace Anywire.Messaging.Tests;

/// <summary>What a service has of a peer's keys is not enough: it can seal nothing to it, or open nothing of it. Over NATS, which ends the subscription of whoever throws.</summary>
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

    [Fact]
    public async Task An_event_of_a_peer_whose_public_key_can_be_nobodys_goes_to_the_dead_letters()
    {
        var broker = await nats.BrokerAsync();
        var wire = BrokerUnderTest.Secured(broker);
        var keys = broker.Authority.KeysOf("echo");
        // Whoever has it has no secret with anybody (RFC 7748, section 6.1).
        var nobodys = keys with { Peers = keys.Peers.SetItem("tester", keys.Peers["tester"].SetItem(Old, new byte[32])) };
        await using var bed = new EchoBed(wire with { Credentials = name => name == "echo" ? broker.Authority.For(name) with { MessageKeys = nobodys } : broker.Authority.For(name) });
        var echo = await bed.ListenAsync();
        await bed.Connect().NoteAsync(new Word { Text = "lost" }).ResponseAsync.Soon();
        await bed.Connect("other").NoteAsync(new Word { Text = "on" }).ResponseAsync.Soon();
        await Wait.UntilAsync(() => !bed.DeadLetters.IsEmpty && !echo.Notes.IsEmpty, "one is given up, the other handled");
        Assert.Equal(["on"], echo.Notes);
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
