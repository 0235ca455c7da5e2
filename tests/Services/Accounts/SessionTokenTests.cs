using Twite.Accounts.Sessions;

namespace Twite.Services.Accounts;

public sealed class SessionTokenTests
{
    [Fact]
    public void Is_43_characters_of_base64url() => Assert.Matches("^[A-Za-z0-9_-]{43}$", SessionToken.Create(out _));

    [Fact]
    public void Is_found_by_its_hash()
    {
        var token = SessionToken.Create(out var stored);
        Assert.True(SessionToken.TryHash(token, out var hash));
        Assert.Equal(stored, hash);
        Assert.Equal(stored, TokenHash.From(hash.ToArray()));
    }

    [Fact]
    public void Its_hash_is_SHA_256()
    {
        var token = new string('A', 43);
        SessionToken.TryHash(token, out var hash);
        Assert.Equal(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(token)), hash.ToArray());
    }

    [Fact]
    public void No_two_are_the_same() => Assert.Equal(1_000, Enumerable.Range(0, 1_000).Select(_ => SessionToken.Create(out var _)).Distinct().Count());

    [Theory, InlineData(""), InlineData("short"), InlineData("ééééééééééééééééééééééééééééééééééééééééééé")]
    public void What_cannot_be_one_is_not_looked_for(string token) => Assert.False(SessionToken.TryHash(token, out _));

    [Fact]
    public void A_device_is_known_to_its_account_only()
    {
        var devices = new DeviceTokens(new byte[32]);
        var device = devices.Create(1);
        Assert.NotNull(devices.KeyOf(1, device));
        Assert.Null(devices.KeyOf(2, device));
        Assert.Null(new DeviceTokens([.. Enumerable.Repeat((byte)1, 32)]).KeyOf(1, device));
    }

    [Theory, InlineData(""), InlineData("nonsense"), InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void Nonsense_is_no_device(string device) => Assert.Null(new DeviceTokens(new byte[32]).KeyOf(1, device));

    [Fact]
    public void A_label_is_cut_between_characters()
    {
        var label = SessionLabel.Of(new string('x', 198) + "🐦");
        Assert.Equal(new string('x', 198), label);
    }

    [Fact]
    public void A_label_is_one_line() => Assert.Equal("a b", SessionLabel.Of(" a\nb\0"));
}
