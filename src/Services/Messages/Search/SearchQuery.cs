using System.Globalization;
using System.Text;
using Twite.Unicode;

namespace Twite.Messages;

/// <summary>Turns what somebody typed into a full-text expression that can only be valid: words (all must occur), "phrases", #tags and
/// from:name. Whatever else is typed is words, and what holds no letter or digit is left out.</summary>
internal static class SearchQuery
{
    // FTS5's own limit is far above; this bounds the work of one search.
    private const int MaxTerms = 64;

    /// <summary>The FTS5 expression; null when nothing is asked for.</summary>
    public static string? ToExpression(string typed)
    {
        var terms = new List<string>();
        foreach (var (word, isPhrase) in Split(Nfc.Of(Sanitize(typed))))
        {
            if (terms.Count < MaxTerms && ToTerm(word, isPhrase) is { } term)
            {
                terms.Add(term);
            }
        }
        return terms.Count == 0 ? null : string.Join(" AND ", terms);
    }

    private static string? ToTerm(string word, bool isPhrase)
    {
        if (!isPhrase && word.StartsWith("from:", StringComparison.OrdinalIgnoreCase) && AuthorName(word[5..]) is { } name)
        {
            return Term("author", name);
        }
        return !HasWord(word) ? null : !isPhrase && word[0] == '#' ? Term("tags", word[1..]) : Term("text", word);
    }

    private static string Term(string column, string words) => $"{column} : \"{words.Replace('"', ' ')}\"";

    private static string? AuthorName(string typed)
    {
        var name = typed.StartsWith('@') ? typed[1..] : typed;
        return name.Length is > 0 and <= 30 && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') ? name : null;
    }

    // What the index's tokenizer (unicode61 with _) makes a word of.
    private static bool HasWord(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value == '_' || Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune)
                is UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber or UnicodeCategory.PrivateUse)
            {
                return true;
            }
        }
        return false;
    }

    // Control characters would end the expression early or mean something to SQLite; half characters are none.
    private static string Sanitize(string typed)
    {
        var clean = new StringBuilder(typed.Length);
        foreach (var rune in typed.EnumerateRunes())
        {
            clean.Append(Rune.IsControl(rune) || rune == Rune.ReplacementChar ? " " : rune.ToString());
        }
        return clean.ToString();
    }

    private static IEnumerable<(string Word, bool IsPhrase)> Split(string typed)
    {
        for (var i = 0; i < typed.Length;)
        {
            if (char.IsWhiteSpace(typed[i]))
            {
                i++;
                continue;
            }
            var isPhrase = typed[i] is '"' or '“' or '„';
            var start = isPhrase ? i + 1 : i;
            var end = start;
            while (end < typed.Length && (isPhrase ? typed[end] is not ('"' or '”' or '“') : !char.IsWhiteSpace(typed[end]) && typed[end] != '"'))
            {
                end++;
            }
            if (end > start)
            {
                yield return (typed[start..end], isPhrase);
            }
            i = isPhrase ? end + 1 : end;
        }
    }
}
