using System.Globalization;
using System.Text;
using Anywire;
using Twite.Accounts.Names;
using Twite.Unicode;

namespace Twite.Accounts.Profiles;

/// <summary>What a display name and a biography must be. Characters are counted as people count them: grapheme clusters after NFC.</summary>
internal static class ProfileRules
{
    /// <summary>The longest display name, in characters; and in bytes of UTF-8, so that nobody piles up accents.</summary>
    public const int MaxDisplayName = 50, MaxDisplayNameBytes = 500;

    /// <summary>The longest biography, in characters and in bytes of UTF-8.</summary>
    public const int MaxBiography = 300, MaxBiographyBytes = 2_000;

    private const int MaxMarksPerCharacter = 8;

    /// <summary>The display name to store; empty when none is set, so that the name is shown.</summary>
    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT: TOO_LONG, CHARACTERS or INVISIBLE.</exception>
    public static string DisplayName(string typed, string field)
    {
        var text = Nfc.Of(typed).Trim();
        CheckCharacters(text, "display name", field, lineBreaks: false);
        CheckLength(text, "display name", field, MaxDisplayName, MaxDisplayNameBytes);
        if (text.Length > 0 && !text.EnumerateRunes().Any(IsVisible))
        {
            throw RpcErrors.InvalidArgument(field, "INVISIBLE", "The display name has only invisible characters. Type one that people can see, or leave it empty.");
        }
        return text;
    }

    /// <summary>The biography to store. Line breaks become <c>\n</c>.</summary>
    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT: TOO_LONG or CHARACTERS.</exception>
    public static string Biography(string typed, string field)
    {
        var text = Nfc.Of(typed).ReplaceLineEndings("\n").Trim();
        CheckCharacters(text, "biography", field, lineBreaks: true);
        CheckLength(text, "biography", field, MaxBiography, MaxBiographyBytes);
        return text.EnumerateRunes().Any(IsVisible) ? text : "";
    }

    /// <summary>What a display name is searched by: lower case.</summary>
    public static string SearchKey(string text) => text.ToLowerInvariant();

    /// <summary>The search key of an account: of its display name, or of its name when none is set.</summary>
    public static string SearchKey(string displayName, AccountName name) => displayName.Length == 0 ? name.Key : SearchKey(displayName);

    private static void CheckLength(string text, string what, string field, int maxCharacters, int maxBytes)
    {
        var count = Characters.Count(text);
        if (count > maxCharacters)
        {
            throw RpcErrors.InvalidArgument(field, "TOO_LONG", $"The {what} has {count} characters, {count - maxCharacters} more than the {maxCharacters} that fit.");
        }
        if (Encoding.UTF8.GetByteCount(text) > maxBytes)
        {
            throw RpcErrors.InvalidArgument(field, "TOO_LONG", $"The {what} needs more than {maxBytes} bytes, because its characters are made of very many parts. Use simpler ones.");
        }
    }

    private static void CheckCharacters(string text, string what, string field, bool lineBreaks)
    {
        var marks = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (!(lineBreaks && rune.Value == '\n') && IsRefused(rune))
            {
                throw RpcErrors.InvalidArgument(field, "CHARACTERS", $"The {what} has the character U+{rune.Value:X4}, which is invisible or changes how the text around it is shown. Leave it out.");
            }
            marks = Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark ? marks + 1 : 0;
            if (marks > MaxMarksPerCharacter)
            {
                throw RpcErrors.InvalidArgument(field, "CHARACTERS", $"The {what} has a character with more than {MaxMarksPerCharacter} accents on it. Leave some out.");
            }
        }
    }

    // Joiners make emoji and Persian, tags make flags; other format characters (bidi overrides, zero-width spaces, soft hyphens) only deceive.
    private static bool IsRefused(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate => true,
        UnicodeCategory.Format => rune.Value is not (0x200C or 0x200D) and not (>= 0xE0020 and <= 0xE007F),
        UnicodeCategory.OtherNotAssigned => rune.Value is 0xFFFE or 0xFFFF || (rune.Value & 0xFFFE) == 0xFFFE,
        _ => false,
    };

    // Fillers and the empty Braille pattern are letters and signs to Unicode, and nothing to the eye.
    private static bool IsVisible(Rune rune) =>
        !Rune.IsWhiteSpace(rune) && rune.Value is not (0x115F or 0x1160 or 0x3164 or 0xFFA0 or 0x2800)
        && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Format or UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Control);
}
