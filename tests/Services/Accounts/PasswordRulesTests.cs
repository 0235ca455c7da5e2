using Twite.Accounts.Names;
using Twite.Accounts.Passwords;
using Twite.Services.Bed;

namespace Twite.Services.Accounts;

public sealed class PasswordRulesTests
{
    private static readonly CommonPasswords Common = new();

    private readonly PasswordRules _rules = new(Common);
    private readonly AccountName _name = AccountName.Choose("ada_lovelace", "name");

    [Theory, InlineData("correct horse battery"), InlineData("8 chars."), InlineData("пароль, который длинный"), InlineData("🐦🐦🐦🐦🐦🐦🐦!")]
    public void Takes(string password) => _rules.Check(password, _name, "password");

    [Fact]
    public void Takes_128_characters() => _rules.Check(string.Concat(Enumerable.Repeat("ab", 64)), _name, "password");

    [Theory]
    [InlineData("", "TOO_SHORT")]
    [InlineData("7 chars", "TOO_SHORT")]
    [InlineData("🐦🐦🐦🐦", "TOO_SHORT")] // eight UTF-16 units, four characters
    [InlineData("Ada_Lovelace", "IS_NAME")]
    [InlineData("password1", "COMMON")]
    [InlineData("PassWord123", "COMMON")]
    [InlineData("jennifer", "COMMON")]
    [InlineData("zzzzzzzzzzzzzzz", "COMMON")]
    public void Refuses(string password, string rule) => Refusals.Invalid("password", rule, () => _rules.Check(password, _name, "password"));

    [Fact]
    public void Refuses_129_characters() =>
        Refusals.Invalid("password", "TOO_LONG", () => _rules.Check(string.Concat(Enumerable.Repeat("abc", 43)), _name, "password"));

    [Fact]
    public void The_list_is_whole() => Assert.Equal(16_455, Common.Count);

    [Theory, InlineData(0, false), InlineData(1, true), InlineData(128, true), InlineData(129, false)]
    public void Hashes_only_what_can_be_a_password(int length, bool plausible) =>
        Assert.Equal(plausible, PasswordRules.IsPlausible(new string('x', length)));
}
