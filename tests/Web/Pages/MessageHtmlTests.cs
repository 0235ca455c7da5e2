using System.Net;
using System.Text.Encodings.Web;
using System.Text.RegularExpressions;
using CsCheck;
using Microsoft.AspNetCore.Html;
using Twite.Web.Text;

namespace Twite.Web.Tests.Pages;

/// <summary>What people write cannot become anything but text and links.</summary>
public sealed partial class MessageHtmlTests
{
    [Theory]
    [InlineData("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;")]
    [InlineData("hi @bob!", "hi <a href=\"/@bob\">@bob</a>!")]
    [InlineData("#finch", "<a href=\"/search?q=%23finch\">#finch</a>")]
    [InlineData("see https://example.org/a?b=1&c=2.", "see <a href=\"https://example.org/a?b=1&amp;c=2\" rel=\"nofollow ugc noopener noreferrer\">https://example.org/a?b=1&amp;c=2</a>.")]
    [InlineData("javascript:alert(1)", "javascript:alert(1)")]
    [InlineData("https://x/'onmouseover='alert(1)", "<a href=\"https://x/&#x27;onmouseover=&#x27;alert(1)\" rel=\"nofollow ugc noopener noreferrer\">https://x/&#x27;onmouseover=&#x27;alert(1)</a>")]
    [InlineData("a@b.example", "a@b.example")]
    public void Encodes_and_links(string text, string html) => Assert.Equal(html, Render(text));

    [Fact]
    public void Whatever_is_written_reads_as_it_was_written() =>
        Gen.OneOf(Gen.String, Gen.String[Gen.Char["<>\"'&@#ab:/ .hpst_"], 0, 60]).Where(IsUnicode).Sample(text =>
            Assert.Equal(text, WebUtility.HtmlDecode(Tag().Replace(Render(text), ""))));

    [Fact]
    public void Nothing_but_links_comes_out() =>
        Gen.String[Gen.Char["<>\"'&@#ab:/ .hpst_="], 0, 80].Sample(text =>
            Assert.All(AnyTag().Matches(Render(text)), tag => Assert.Matches(Tag(), tag.Value)));

    private static string Render(string text)
    {
        var html = new StringWriter();
        ((IHtmlContent)MessageHtml.Of(text, HtmlEncoder.Default)).WriteTo(html, HtmlEncoder.Default);
        return html.ToString();
    }

    // Half of a surrogate pair is no text; the service refuses it.
    private static bool IsUnicode(string text) => text.EnumerateRunes().All(r => r.Value != 0xFFFD);

    [GeneratedRegex("""<a href="[^"<>]*"( rel="nofollow ugc noopener noreferrer")?>|</a>""")]
    private static partial Regex Tag();

    [GeneratedRegex("<[^>]*>?")]
    private static partial Regex AnyTag();
}
