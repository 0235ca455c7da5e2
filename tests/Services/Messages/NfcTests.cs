using Twite.Unicode;

namespace Twite.Services.Messages;

public sealed class NfcTests
{
    // From UAX 15 and the Unicode test suite: what each of the algorithm's parts is for.
    [Theory]
    [InlineData("plain ASCII", "plain ASCII")]
    [InlineData("\u0041\u030A", "\u00C5")]
    [InlineData("\u212B", "\u00C5")]
    [InlineData("\u2126", "\u03A9")]
    [InlineData("\u0073\u0307\u0323", "\u1E69")]
    [InlineData("\u0064\u0307\u0323", "\u1E0D\u0307")]
    [InlineData("\u1E0B\u0323", "\u1E0D\u0307")]
    [InlineData("\u0915\u093C", "\u0915\u093C")]
    [InlineData("\u0958", "\u0915\u093C")]
    [InlineData("\u1112\u1161\u11AB", "\uD55C")]
    [InlineData("\uD55C", "\uD55C")]
    [InlineData("\uD558\u11AB", "\uD55C")]
    [InlineData("\u0061\u0315\u0300\u05AE\u0062", "\u00E0\u05AE\u0315\u0062")]
    [InlineData("\u0344", "\u0308\u0301")]
    [InlineData("\uF900", "\u8C48")]
    [InlineData("\u0061\u0323\u0302", "\u1EAD")]
    [InlineData("\u0061\u0302\u0323", "\u1EAD")]
    [InlineData("\u0301e\u0301", "\u0301\u00E9")]
    [InlineData("\U0001D15E", "\U0001D157\U0001D165")]
    [InlineData("\U00011099\U000110BA", "\U0001109A")]
    [InlineData("\u3099\u304B\u3099", "\u3099\u304C")]
    public void Is_the_normalization_form_C(string text, string expected)
    {
        Assert.Equal(expected, Nfc.Of(text));
        Assert.Equal(expected, Nfc.Of(expected));
    }
}
