using Twite.Accounts.Profiles;
using Twite.Services.Bed;

namespace Twite.Services.Accounts;

public sealed class ProfileRulesTests
{
    [Theory]
    [InlineData("Ada", "Ada")]
    [InlineData("  Ada Lovelace ", "Ada Lovelace")]
    [InlineData("", "")]
    [InlineData("   ", "")]
    [InlineData("עדה", "עדה")]
    [InlineData("Zoe\u0308", "Zo\u00EB")] // typed in two parts, stored as one
    [InlineData("\u0645\u06CC\u200C\u062E", "\u0645\u06CC\u200C\u062E")] // a zero-width non-joiner, which Persian needs
    [InlineData("👩‍👩‍👧", "👩‍👩‍👧")]
    public void Takes_a_display_name(string typed, string stored) => Assert.Equal(stored, ProfileRules.DisplayName(typed, "display_name"));

    [Fact]
    public void Counts_characters_as_people_do() => Assert.NotEmpty(ProfileRules.DisplayName(string.Concat(Enumerable.Repeat("नि", 50)), "display_name"));

    [Theory]
    [InlineData("a\u202Eb", "CHARACTERS")] // right-to-left override
    [InlineData("a\u2066b", "CHARACTERS")] // isolate
    [InlineData("a\u200Fb", "CHARACTERS")]
    [InlineData("a\u200Bb", "CHARACTERS")] // zero-width space
    [InlineData("a\uFEFFb", "CHARACTERS")]
    [InlineData("a\u00ADb", "CHARACTERS")] // soft hyphen
    [InlineData("a\nb", "CHARACTERS")]
    [InlineData("a\0b", "CHARACTERS")]
    [InlineData("a\u2028b", "CHARACTERS")]
    [InlineData("\u3164\u3164", "INVISIBLE")]
    [InlineData("\u200D\u200D", "INVISIBLE")]
    [InlineData("\u2800", "INVISIBLE")]
    public void Refuses_a_display_name(string typed, string rule) => Refusals.Invalid("display_name", rule, () => ProfileRules.DisplayName(typed, "display_name"));

    [Fact]
    public void Refuses_51_characters() => Refusals.Invalid("display_name", "TOO_LONG", () => ProfileRules.DisplayName(new string('x', 51), "display_name"));

    [Fact]
    public void Refuses_piled_up_accents() =>
        Refusals.Invalid("display_name", "CHARACTERS", () => ProfileRules.DisplayName("Z" + string.Concat(Enumerable.Repeat("\u0335\u0336", 5)), "display_name"));

    [Fact]
    public void Refuses_few_characters_of_many_bytes() =>
        Refusals.Invalid("display_name", "TOO_LONG", () => ProfileRules.DisplayName(string.Concat(Enumerable.Repeat("👩‍👩‍👧‍👦", 50)), "display_name"));

    [Theory]
    [InlineData("two\r\nlines", "two\nlines")]
    [InlineData(" \u200D ", "")]
    [InlineData("<script>alert(1)</script>", "<script>alert(1)</script>")] // kept as it is: whoever shows it encodes it
    public void Takes_a_biography(string typed, string stored) => Assert.Equal(stored, ProfileRules.Biography(typed, "biography"));

    [Fact]
    public void Takes_300_characters() => Assert.Equal(300, ProfileRules.Biography(new string('x', 300), "biography").Length);

    [Fact]
    public void Refuses_301_characters() => Refusals.Invalid("biography", "TOO_LONG", () => ProfileRules.Biography(new string('x', 301), "biography"));

    [Theory, InlineData("a\tb"), InlineData("a\u202Eb"), InlineData("a\u0085\u0007b")]
    public void Refuses_control_characters_in_a_biography(string typed) =>
        Refusals.Invalid("biography", "CHARACTERS", () => ProfileRules.Biography(typed, "biography"));
}
