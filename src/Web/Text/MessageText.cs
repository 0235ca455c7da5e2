using System.Text.RegularExpressions;

namespace Twite.Web.Text;

/// <summary>What a piece of a message is.</summary>
public enum TextKind
{
    /// <summary>Words.</summary>
    Plain,

    /// <summary>A web address, http or https.</summary>
    Link,

    /// <summary>Somebody's name after an @.</summary>
    Mention,

    /// <summary>A word after a #.</summary>
    Tag,
}

/// <summary>A piece of a message.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">As it was written, with its @ or #. Nothing is encoded: whoever shows it must.</param>
public readonly record struct TextPart(TextKind Kind, string Text)
{
    /// <summary>The name of a mention or tag, without its sign; otherwise the text.</summary>
    public string Name => Kind is TextKind.Mention or TextKind.Tag ? Text[1..] : Text;
}

/// <summary>Takes a message apart into words, links, mentions and tags. Joined, the parts are the message again.</summary>
public static partial class MessageText
{
    /// <summary>The parts, in order.</summary>
    public static IReadOnlyList<TextPart> Parse(string text)
    {
        var parts = new List<TextPart>();
        var end = 0;
        foreach (Match match in Marked().Matches(text))
        {
            var kind = match.Value[0] switch { '@' => TextKind.Mention, '#' => TextKind.Tag, _ => TextKind.Link };
            var found = kind == TextKind.Link ? TrimLink(match.Value) : match.Value;
            if (kind == TextKind.Link && !Uri.TryCreate(found, UriKind.Absolute, out _))
            {
                continue;
            }
            if (match.Index > end)
            {
                parts.Add(new TextPart(TextKind.Plain, text[end..match.Index]));
            }
            parts.Add(new TextPart(kind, found));
            end = match.Index + found.Length;
        }
        if (end < text.Length)
        {
            parts.Add(new TextPart(TextKind.Plain, text[end..]));
        }
        return parts;
    }

    /// <summary>The names that are mentioned, in lower case, each once, in order.</summary>
    public static IEnumerable<string> Mentions(string text) => Names(text, TextKind.Mention);

    /// <summary>The tags, in lower case, each once, in order.</summary>
    public static IEnumerable<string> Tags(string text) => Names(text, TextKind.Tag);

    private static IEnumerable<string> Names(string text, TextKind kind) =>
        Parse(text).Where(p => p.Kind == kind).Select(p => p.Name.ToLowerInvariant()).Distinct();

    // A sentence goes on after an address; a closing bracket belongs to it only when it was opened in it.
    private static string TrimLink(string link)
    {
        while (link[^1] is '.' or ',' or ';' or ':' or '!' or '?' or '\'' or '"' or '…' || (link[^1] == ')' && !link.Contains('(')))
        {
            link = link[..^1];
        }
        return link;
    }

    [GeneratedRegex(
        @"(?<![\w/])https?://[^\s<>""]+|(?<![\w@/])@[A-Za-z0-9_]{1,30}(?![A-Za-z0-9_@])|(?<![\w&/#])\#(?=[\p{N}_]*[\p{L}\p{M}])[\p{L}\p{M}\p{N}_]+",
        RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Marked();
}
