using System.Text.RegularExpressions;

namespace Twite.Notifications.Mentions;

/// <summary>Finds who is mentioned in a message. The front end makes links by the same rule.</summary>
internal static partial class MentionText
{
    /// <summary>The names after an @, in lower case, each once, in order. No mention: in a web address, in an e-mail address or a handle
    /// with a host, and what is too long to be a name.</summary>
    public static IReadOnlyList<string> FindNames(string text, int max) =>
        [.. MentionOrLink().Matches(text).Select(m => m.Groups["name"]).Where(g => g.Success).Select(g => g.Value.ToLowerInvariant()).Distinct().Take(max)];

    [GeneratedRegex(
        @"(?<![\w/])https?://[^\s<>""]+|(?<![\w@/])@(?<name>[A-Za-z0-9_]{1,30})(?![A-Za-z0-9_@])", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex MentionOrLink();
}
