using CsCheck;
using Twite.Web.Text;

namespace Twite.Web.Tests.Text;

public sealed class MessageTextTests
{
    [Theory]
    [InlineData("just words", "just words")]
    [InlineData("hi @bob!", "hi |@bob|!")]
    [InlineData("@bob@carol", "@bob@carol")]
    [InlineData("mail me@example.org", "mail me@example.org")]
    [InlineData("@a_name_that_is_longer_than_thirty_x", "@a_name_that_is_longer_than_thirty_x")]
    [InlineData("#one #2 #3d a#b", "|#one| #2 |#3d| a#b")]
    [InlineData("#größe, #日本語", "|#größe|, |#日本語")]
    [InlineData("see https://example.org/a?b=c#d.", "see |https://example.org/a?b=c#d|.")]
    [InlineData("(https://example.org/a_(b))", "(|https://example.org/a_(b))")]
    [InlineData("(https://example.org)", "(|https://example.org|)")]
    [InlineData("javascript:alert(1) ftp://x", "javascript:alert(1) ftp://x")]
    [InlineData("https://", "https://")]
    public void Takes_a_message_apart(string text, string expected) =>
        Assert.Equal(expected.Trim('|'), string.Join('|', MessageText.Parse(text).Select(p => p.Text)));

    [Fact]
    public void Names_each_person_and_tag_once()
    {
        Assert.Equal(["bob", "eve"], MessageText.Mentions("@Bob @bob @eve #bob"));
        Assert.Equal(["finch"], MessageText.Tags("#Finch #finch @finch"));
    }

    [Fact]
    public void Loses_nothing_whatever_is_written() =>
        Gen.OneOf(Gen.String, Gen.String["@#:/.htps ab_(\n"]).Sample(text => string.Concat(MessageText.Parse(text).Select(p => p.Text)) == text);
}
