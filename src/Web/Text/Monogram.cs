using System.Globalization;

namespace Twite.Web.Text;

/// <summary>The picture of somebody who has none: the first character of what they are called, on one of twelve colours.</summary>
internal static class Monogram
{
    private const int Colours = 12;

    /// <summary>The first character (grapheme cluster), as a capital.</summary>
    public static string Letter(string name) =>
        name.Length == 0 ? "?" : StringInfo.GetNextTextElement(name).ToUpperInvariant();

    /// <summary>The style sheet's class; the same for a person everywhere.</summary>
    // Multiplicative hashing: ids are times, and people who signed up together would otherwise look alike.
    public static string Class(long accountId) => $"hue-{(unchecked((ulong)accountId * 0x9E3779B97F4A7C15) >> 32) % Colours}";
}
