using Twite.Messages;
using Twite.Services.Bed;
using Twite.Unicode;

namespace Twite.Services.Messages;

public sealed class MessageTextTests
{
    [Theory]
    [InlineData("hello", "hello")]
    [InlineData("  a  b  ", "a  b")]
    [InlineData("a\r\nb\rc\td", "a\nb\nc d")]
    [InlineData("e\u0301", "é")]
    [InlineData("\u1100\u1161\u11A8", "각")]
    [InlineData("שלום \u200Fעולם", "שלום \u200Fעולם")]
    [InlineData("👨‍👩‍👧‍👦", "👨‍👩‍👧‍👦")]
    [InlineData("\u200Ba\u200B", "\u200Ba\u200B")]
    public void A_text_is_made_clean(string typed, string expected) => Assert.Equal(expected, MessageText.Clean(typed));

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("\n\t\r\n")]
    [InlineData("\u200B\u200D\uFEFF")]
    [InlineData("\u00AD")]
    [InlineData("\u2800\u3164\uFFA0\u115F")]
    [InlineData("\uFE0F")]
    [InlineData("\u00A0\u2003\u3000")]
    [InlineData("\U000E0061\U000E007F")]
    public void What_cannot_be_seen_is_empty(string typed) => Refusals.Invalid("text", "EMPTY", () => MessageText.Clean(typed));

    [Theory]
    [InlineData("a\0b")]
    [InlineData("a\u001Bb")]
    [InlineData("a\u007Fb")]
    [InlineData("a\u0085b")]
    [InlineData("a\u009Bb")]
    public void Control_characters_are_refused(string typed) => Refusals.Invalid("text", "CONTROL_CHARACTER", () => MessageText.Clean(typed));

    [Theory]
    [InlineData('\u202A')]
    [InlineData('\u202B')]
    [InlineData('\u202C')]
    [InlineData('\u202D')]
    [InlineData('\u202E')]
    [InlineData('\u2066')]
    [InlineData('\u2067')]
    [InlineData('\u2068')]
    [InlineData('\u2069')]
    public void What_turns_the_direction_is_refused(char turn) => Refusals.Invalid("text", "TEXT_DIRECTION", () => MessageText.Clean($"a{turn}b"));

    [Theory]
    [InlineData(0xD83D)]
    [InlineData(0xDE42)]
    [InlineData(0xFFFF)]
    [InlineData(0xFDD0)]
    public void What_is_no_character_is_refused(int code) =>
        Refusals.Invalid("text", "NOT_UNICODE", () => MessageText.Clean($"a{(char)code}b"));

    [Theory]
    [InlineData("x")]
    [InlineData("é")]
    [InlineData("नि")]
    [InlineData("🙂")]
    public void One_hundred_and_forty_one_characters_fit_and_one_more_does_not(string character)
    {
        // 141 family emoji would fit by count and not by bytes: those are another test.
        var most = string.Concat(Enumerable.Repeat(character, 1000 / System.Text.Encoding.UTF8.GetByteCount(character)))[..];
        var count = Math.Min(141, Characters.Count(most));
        var fits = string.Concat(Enumerable.Repeat(character, count));
        Assert.Equal(fits, MessageText.Clean(fits));
        Refusals.Invalid("text", "TOO_LONG", () => MessageText.Clean(string.Concat(Enumerable.Repeat(character, 142))));
    }

    [Fact]
    public void More_than_1000_bytes_are_refused_though_few_characters()
    {
        var family = "👨‍👩‍👧‍👦";
        Assert.Equal(1, Characters.Count(family));
        Assert.Equal(40, Characters.Count(MessageText.Clean(string.Concat(Enumerable.Repeat(family, 40)))));
        Refusals.Invalid("text", "TOO_MANY_BYTES", () => MessageText.Clean(string.Concat(Enumerable.Repeat(family, 41))));
        Refusals.Invalid("text", "TOO_MANY_BYTES", () => MessageText.Clean("a" + new string('\u0300', 501)));
    }

    [Fact]
    public void Megabytes_are_refused_before_they_are_looked_at() =>
        Refusals.Invalid("text", "TOO_LONG", () => MessageText.Clean(new string('\u0301', 4_000_000)));
}
