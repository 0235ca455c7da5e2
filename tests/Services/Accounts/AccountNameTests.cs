using Twite.Accounts.Names;
using Twite.Services.Bed;

namespace Twite.Services.Accounts;

public sealed class AccountNameTests
{
    [Theory, InlineData("a"), InlineData("Ada_Lovelace"), InlineData("0"), InlineData("_a"), InlineData("abcdefghijklmnopqrstuvwxyz0123")]
    public void Takes(string typed) => Assert.Equal(typed, AccountName.Choose(typed, "name").Typed);

    [Theory]
    [InlineData("", "EMPTY")]
    [InlineData("abcdefghijklmnopqrstuvwxyz01234", "TOO_LONG")]
    [InlineData("a b", "CHARACTERS")]
    [InlineData("a-b", "CHARACTERS")]
    [InlineData("café", "CHARACTERS")]
    [InlineData("аda", "CHARACTERS")] // a Cyrillic a
    [InlineData("a\u200Db", "CHARACTERS")]
    [InlineData("ａ", "CHARACTERS")]
    [InlineData("a'; DROP TABLE accounts; --", "CHARACTERS")]
    [InlineData("admin", "RESERVED")]
    [InlineData("ADMIN", "RESERVED")]
    [InlineData("_adm_in_", "RESERVED")]
    [InlineData("api", "RESERVED")]
    [InlineData("settings", "RESERVED")]
    [InlineData("___", "RESERVED")]
    public void Refuses(string typed, string rule) => Refusals.Invalid("name", rule, () => AccountName.Choose(typed, "name"));

    [Fact]
    public void Is_compared_without_case() => Assert.Equal(AccountName.Choose("ada", "name").Key, AccountName.Choose("AdA", "name").Key);

    [Theory, InlineData("ada", true), InlineData("admin", true), InlineData("a b", false), InlineData("", false), InlineData("\u212A", false)] // a Kelvin sign
    public void Looks_only_for_what_can_be_there(string typed, bool possible) => Assert.Equal(possible, AccountName.TryParse(typed, out _));
}
