using System.Globalization;
using System.Text;
using Twite.Unicode;

namespace Twite.Messages;

/// <summary>Cuts text into words to search by: letters, marks, digits and _, in lower case and without accents. What lies between is nothing.</summary>
internal static class SearchWords
{
    // Folded, a letter takes more bytes than before at times, but never twice as many.
    private const int MaxBytes = 2 * MessageRules.MaxBytes;

    /// <summary>The words, in their order.</summary>
    /// <param name="text">Well-formed UTF-16.</param>
    public static List<string> Of(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        foreach (var rune in Nfc.WithoutAccents(text).EnumerateRunes())
        {
            if (IsOfWord(rune))
            {
                word.Append(Fold(rune).ToString());
            }
            else if (word.Length > 0)
            {
                words.Add(word.ToString());
                word.Clear();
            }
        }
        if (word.Length > 0)
        {
            words.Add(word.ToString());
        }
        return words;
    }

    /// <summary>Whether a text has a word that can be searched for: one with more to it than marks.</summary>
    public static bool HasWord(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (IsOfWord(rune) && Rune.GetUnicodeCategory(rune)
                is not (UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Whether a text has a word that is longer than any message.</summary>
    public static bool HasEndlessWord(string text) => text.Length > MaxBytes / 3 && Of(text).Exists(word => Encoding.UTF8.GetByteCount(word) > MaxBytes);

    private static bool IsOfWord(Rune rune) => rune.Value == '_' || Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber or UnicodeCategory.PrivateUse
        or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;

    // The last letter of a Greek word has a shape of its own, and is the same letter.
    private static Rune Fold(Rune rune) => rune.Value == 'ς' ? new Rune('σ') : Rune.ToLowerInvariant(rune);
}
