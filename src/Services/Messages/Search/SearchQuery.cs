using System.Text;
using Twite.Unicode;

namespace Twite.Messages;

/// <summary>Where a term is to stand.</summary>
internal enum SearchField
{
    /// <summary>In what was said.</summary>
    Text,

    /// <summary>Among its #tags.</summary>
    Tags,

    /// <summary>As the author's name.</summary>
    Author,
}

/// <summary>Words that must occur, one after the other.</summary>
internal readonly record struct SearchTerm(SearchField In, string Words);

/// <summary>What somebody typed, as terms that must all occur: words, "phrases", #tags and from:name. Whatever else is typed is words, and what
/// holds no letter or digit is left out. Immutable.</summary>
internal sealed record SearchQuery(IReadOnlyList<SearchTerm> Terms)
{
    // This bounds the work of one search.
    private const int MaxTerms = 64;

    /// <summary>Reads what was typed; null when nothing is asked for, or what no message can hold.</summary>
    public static SearchQuery? Parse(string typed)
    {
        var terms = new List<SearchTerm>();
        foreach (var (word, isPhrase) in Split(Nfc.Of(Sanitize(typed))))
        {
            if (terms.Count < MaxTerms && ToTerm(word, isPhrase) is { } term)
            {
                terms.Add(term);
            }
        }
        // A database need not take it either: PostgreSQL refuses words of 2,047 bytes.
        return terms.Count == 0 || terms.Exists(term => SearchWords.HasEndlessWord(term.Words)) ? null : new SearchQuery(terms);
    }

    private static SearchTerm? ToTerm(string word, bool isPhrase)
    {
        if (!isPhrase && word.StartsWith("from:", StringComparison.OrdinalIgnoreCase) && AuthorName(word[5..]) is { } name)
        {
            return new SearchTerm(SearchField.Author, name);
        }
        return !SearchWords.HasWord(word) ? null
            : !isPhrase && word[0] == '#' ? new SearchTerm(SearchField.Tags, word[1..])
            : new SearchTerm(SearchField.Text, word);
    }

    private static string? AuthorName(string typed)
    {
        var name = typed.StartsWith('@') ? typed[1..] : typed;
        return name.Length is > 0 and <= 30 && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') ? name : null;
    }

    // Control characters would end an expression early or mean something to a database; half characters are none.
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
