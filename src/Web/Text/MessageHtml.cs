using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Html;

namespace Twite.Web.Text;

/// <summary>What somebody wrote as it stands on a page: all of it encoded, with names, tags and addresses linked.</summary>
internal static class MessageHtml
{
    public static IHtmlContent Of(string text, HtmlEncoder encoder)
    {
        var html = new StringBuilder(text.Length * 2);
        foreach (var part in MessageText.Parse(text))
        {
            var shown = encoder.Encode(part.Text);
            _ = part.Kind switch
            {
                TextKind.Mention => html.Append($"<a href=\"/@{encoder.Encode(part.Name)}\">{shown}</a>"),
                TextKind.Tag => html.Append($"<a href=\"/search?q=%23{Uri.EscapeDataString(part.Name)}\">{shown}</a>"),
                // What people link is theirs, and who links is nobody else's business.
                TextKind.Link => html.Append($"<a href=\"{shown}\" rel=\"nofollow ugc noopener noreferrer\">{shown}</a>"),
                _ => html.Append(shown),
            };
        }
        return new HtmlString(html.ToString());
    }
}
