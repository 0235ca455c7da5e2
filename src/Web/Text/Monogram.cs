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
    public static string Class(long accountId) => $"hue-{(ulong)(accountId ^ (accountId >> 17)) % Colours}";
}
