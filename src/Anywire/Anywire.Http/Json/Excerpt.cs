using System.Text;

namespace Anywire.Http.Json;

/// <summary>A little of what was given, to be repeated in an error.</summary>
internal static class Excerpt
{
    private const int Longest = 40;

    /// <summary>At most forty characters, without control characters; empty quotes for nothing.</summary>
    public static string Of(ReadOnlySpan<byte> utf8) =>
        utf8.IsEmpty ? "\"\"" : Of(Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, Longest * 4)]));

    /// <summary>At most forty characters, without control characters.</summary>
    public static string Of(string text)
    {
        var cut = new StringBuilder(Longest + 1);
        foreach (var rune in text.EnumerateRunes())
        {
            if (cut.Length >= Longest)
            {
                return cut.Append('…').ToString();
            }
            cut.Append(Rune.IsControl(rune) ? new Rune('\uFFFD') : rune);
        }
        return cut.ToString();
    }

    /// <summary>The same in quotes.</summary>
    public static string Quoted(ReadOnlySpan<byte> utf8) => utf8.IsEmpty ? Of(utf8) : $"\"{Of(utf8)}\"";
}
