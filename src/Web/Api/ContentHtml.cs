using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using Twite.Web.Text;

namespace Twite.Web.Api;

/// <summary>Writes what people wrote as the HTML that clients of the Mastodon API expect: paragraphs, line breaks, links. All else is
/// encoded, so nothing that somebody writes can become markup.</summary>
internal static class ContentHtml
{
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    /// <summary>A message; names that <paramref name="isPerson"/> does not know stay words.</summary>
    public static string OfMessage(string text, ApiLinks links, Func<string, bool> isPerson)
    {
        var html = new StringBuilder("<p>");
        foreach (var part in MessageText.Parse(text))
        {
            switch (part.Kind)
            {
                case TextKind.Link:
                    html.Append($"<a href=\"{Encoder.Encode(part.Text)}\" target=\"_blank\" rel=\"nofollow noopener noreferrer\">{Encoder.Encode(part.Text)}</a>");
                    break;
                case TextKind.Mention when isPerson(part.Name):
                    html.Append($"<span class=\"h-card\"><a href=\"{Encoder.Encode(links.Account(part.Name))}\" class=\"u-url mention\">@<span>{Encoder.Encode(part.Name)}</span></a></span>");
                    break;
                case TextKind.Tag:
                    html.Append($"<a href=\"{Encoder.Encode(links.Tag(part.Name))}\" class=\"mention hashtag\" rel=\"tag\">#<span>{Encoder.Encode(part.Name)}</span></a>");
                    break;
                default:
                    AppendWords(html, part.Text);
                    break;
            }
        }
        return html.Append("</p>").ToString();
    }

    /// <summary>A biography; empty for an empty one.</summary>
    public static string OfBiography(string text, ApiLinks links) => text.Length == 0 ? "" : OfMessage(text, links, _ => false);

    private static void AppendWords(StringBuilder html, string text)
    {
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i].Length == 0 && i > 0 && i < lines.Length - 1)
            {
                html.Append("</p><p>");
                continue;
            }
            // An empty line has made a paragraph, which needs no break beside it.
            var breaks = i > 0 && !(i > 1 && lines[i - 1].Length == 0);
            html.Append(breaks ? "<br />" : "").Append(Encoder.Encode(lines[i]));
        }
    }
}
