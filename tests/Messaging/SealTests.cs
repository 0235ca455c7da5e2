using System.Collections.Immutable;
using Anywire.Certificates;
using Anywire.Messaging.Format;
using Anywire.Messaging.Sealing;
using CsCheck;

namespace Anywire.Messaging.Tests;

/// <summary>Who may say what over a broker.</summary>
public sealed class SealTests : IDisposable
{
    private static readonly CallId Call = new(1, 2);

    private readonly TestAuthority _authority = new();

    public void Dispose() => _authority.Dispose();

    [Fact]
    public void A_message_opens_for_whom_it_is_and_nobody_else()
    {
        var message = Sealed("web", "accounts");
        Assert.Equal([7, 8], Open(message, "accounts").Rest.ToArray());
        Assert.Equal("misdirected", Assert.Throws<RefusedMessageException>(() => Open(message, "messages")).Reason);
    }

    [Fact]
    public void A_message_that_was_changed_anywhere_does_not_open()
    {
        var message = Sealed("web", "accounts");
        for (var at = 0; at < message.Length; at++)
        {
            var changed = message.ToArray();
            changed[at] ^= 1;
            Assert.ThrowsAny<RefusedMessageException>(() => Open(changed, "accounts"));
        }
    }

    [Fact]
    public void A_message_that_was_cut_or_made_longer_does_not_open() => Gen.Int[0, 60].Sample(length =>
    {
        var message = Sealed("web", "accounts");
        Assert.ThrowsAny<RefusedMessageException>(() => Open(message.AsMemory(0, Math.Min(length, message.Length - 1)), "accounts"));
        Assert.ThrowsAny<RefusedMessageException>(() => Open((byte[])[.. message, .. new byte[length + 1]], "accounts"));
    });

    [Fact]
    public void Nobody_can_seal_in_the_name_of_another()
    {
        // Follows has its own keys and all public ones; what it seals is not what web would.
        var forged = new MessageWriter(MessageKind.Request, Call, "web", "accounts", Seals("follows").For("follows", "accounts"));
        Assert.Equal("forged", Assert.Throws<RefusedMessageException>(() => Open(forged.Finish(), "accounts")).Reason);
    }

    [Fact]
    public void The_receiver_cannot_be_told_its_own_words()
    {
        var mine = new MessageWriter(MessageKind.Request, Call, "accounts", "web", Seals("web").For("web", "accounts"));
        Assert.Equal("forged", Assert.Throws<RefusedMessageException>(() => Open(mine.Finish(), "web")).Reason);
    }

    [Fact]
    public void A_stranger_is_nobody()
    {
        using var other = new TestAuthority();
        var forged = new MessageWriter(MessageKind.Request, Call, "web", "accounts", new Seals(other.KeysOf("web")).For("web", "accounts"));
        Assert.Equal("forged", Assert.Throws<RefusedMessageException>(() => Open(forged.Finish(), "accounts")).Reason);
        var unknown = new MessageWriter(MessageKind.Request, Call, "mallory", "accounts", null);
        Assert.Equal("forged", Assert.Throws<RefusedMessageException>(() => Open(unknown.Finish(), "accounts")).Reason);
    }

    [Fact]
    public void What_is_not_sealed_opens_over_a_plain_wire_only_and_what_is_sealed_not_there()
    {
        var plain = new MessageWriter(MessageKind.Request, Call, "web", "accounts", null).Finish();
        new MessageReader(plain).Open("accounts", null);
        Assert.Throws<RefusedMessageException>(() => Open(plain, "accounts"));
        Assert.Throws<MalformedMessageException>(() => new MessageReader(Sealed("web", "accounts")).Open("accounts", null));
    }

    [Fact]
    public void While_keys_are_replaced_both_generations_open()
    {
        var (old, both, replaced) = (new Seals(_authority.KeysOf("web")), new Seals(_authority.KeysOf("accounts", 2, 1)), new Seals(_authority.KeysOf("web", 2, 1)));
        foreach (var (seals, number) in new[] { (old, 1u), (replaced, 2u) })
        {
            var key = seals.For("web", "accounts");
            Assert.Equal(number, key.Number);
            new MessageReader(new MessageWriter(MessageKind.Request, Call, "web", "accounts", key).Finish()).Open("accounts", both);
        }
        var onlyNew = new Seals(_authority.KeysOf("accounts", 2));
        Assert.Throws<RefusedMessageException>(() => new MessageReader(Sealed("web", "accounts")).Open("accounts", onlyNew));
    }

    // For clients in other languages. Made by Python's cryptography, not by us.
    [Fact]
    public void The_seal_is_these_bytes()
    {
        var web = Enumerable.Range(1, 32).Select(i => (byte)i).ToArray();
        var accountsPublic = Convert.FromHexString("5869aff450549732cbaaed5e5df9b30a6da31cb0e5742bad5ad4a1a768f1a67b");
        var keys = new MessageKeys(
            1,
            ImmutableDictionary<uint, ReadOnlyMemory<byte>>.Empty.Add(1, web),
            ImmutableDictionary<string, ImmutableDictionary<uint, ReadOnlyMemory<byte>>>.Empty
                .Add("accounts", ImmutableDictionary<uint, ReadOnlyMemory<byte>>.Empty.Add(1, accountsPublic)));
        var message = new MessageWriter(MessageKind.Request, Call, "web", "accounts", new Seals(keys).For("web", "accounts"));
        message.Byte(7).Byte(8);
        Assert.Equal(
            "01" + "01" + "00000001" + "0000000000000001" + "0000000000000002" + "03776562" + "086163636F756E7473" + "0708" + "BDEFA13136AE8DEAE034352F8C08A0BE",
            Convert.ToHexString(message.Finish().Span));
    }

    private byte[] Sealed(string sender, string receiver)
    {
        var writer = new MessageWriter(MessageKind.Request, Call, sender, receiver, Seals(sender).For(sender, receiver));
        writer.Byte(7).Byte(8);
        return writer.Finish().ToArray();
    }

    private MessageReader Open(ReadOnlyMemory<byte> message, string self)
    {
        var reader = new MessageReader(message);
        reader.Open(self, Seals(self));
        return reader;
    }

    private Seals Seals(string service) => new(_authority.KeysOf(service));
}
