using System.Globalization;

namespace Twite.Unicode;

/// <summary>Characters as people count them: extended grapheme clusters (UAX 29).</summary>
public static class Characters
{
    /// <summary>How many characters people count. Time grows with the length; nothing is allocated.</summary>
    public static int Count(ReadOnlySpan<char> text)
    {
        var count = 0;
        for (; !text.IsEmpty; count++)
        {
            text = text[StringInfo.GetNextTextElementLength(text)..];
        }
        return count;
    }
}
