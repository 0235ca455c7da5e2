using System.Xml.Linq;
using CsCheck;
using Twite.Web.Api;

namespace Twite.Web.Tests.Api;

public sealed class ContentHtmlTests
{
    private static readonly ApiLinks Links = new("https://twite.example");

    [Theory]
    [InlineData("one\ntwo", "<p>one<br />two</p>")]
    [InlineData("one\r\ntwo", "<p>one<br />two</p>")]
    [InlineData("one\n\ntwo", "<p>one</p><p>two</p>")]
    [InlineData("a & b < c > \"d\" 'e'", "<p>a &amp; b &lt; c &gt; &quot;d&quot; &#x27;e&#x27;</p>")]
    [InlineData("größe 日本語", "<p>größe 日本語</p>")]
    [InlineData("@nobody", "<p>@nobody</p>")]
    public void Writes_what_people_wrote(string text, string expected) =>
        Assert.Equal(expected, ContentHtml.OfMessage(text, Links, _ => false));

    [Fact]
    public void Nothing_that_is_written_becomes_markup() =>
        Gen.OneOf(Gen.String[Gen.Char["<>&\"'/= \n@#abht:ps.x"], 0, 60], Gen.String.AlphaNumeric).Sample(text =>
        {
            var html = XElement.Parse($"<div>{ContentHtml.OfMessage(text, Links, _ => true)}</div>");
            return html.Descendants().All(e => e.Name.LocalName is "p" or "br" or "a" or "span")
                && html.Descendants().Attributes("href").All(h => h.Value.StartsWith("http", StringComparison.Ordinal));
        });
}
