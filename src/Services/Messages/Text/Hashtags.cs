using System.Text.RegularExpressions;

namespace Twite.Messages;

/// <summary>Finds the #tags of a message: letters, marks, digits and _, at least one of them no digit. The same rule as the front end draws
/// links by.</summary>
internal static partial class Hashtags
{
    /// <summary>The tags without their signs, with spaces between: what the search index holds.</summary>
    public static string Of(string text) =>
        text.Contains('#') ? string.Join(' ', Tag().EnumerateMatches(text).ToStrings(text)) : "";

    private static IEnumerable<string> ToStrings(this Regex.ValueMatchEnumerator matches, string text)
    {
        var tags = new List<string>();
        foreach (var match in matches)
        {
            tags.Add(text.Substring(match.Index + 1, match.Length - 1));
        }
        return tags;
    }

    [GeneratedRegex(@"(?<![\w&/#])\#(?=[\p{N}_]*[\p{L}\p{M}])[\p{L}\p{M}\p{N}_]+", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Tag();
}
