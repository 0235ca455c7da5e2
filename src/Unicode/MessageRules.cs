using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Twite.Unicode;

/// <summary>What a message may say, in one place for who stores messages and for who takes one in while they cannot be asked.</summary>
public static class MessageRules
{
    /// <summary>The most characters as people count them: grapheme clusters.</summary>
    public const int MaxCharacters = 141;

    /// <summary>The most bytes of UTF-8, so that an event with it fits a datagram.</summary>
    public const int MaxBytes = 1_000;

    // Far more than can be left of it, so that a text of megabytes is not normalized first.
    private const int MaxInput = 8 * MaxBytes;

    /// <summary>Makes a text what is stored: line ends and tabs made plain, NFC, without spaces around it. What is clean stays as it is.</summary>
    /// <param name="text">What was typed.</param>
    /// <param name="clean">The text as it is stored.</param>
    /// <param name="broken">The rule that it breaks: EMPTY, TOO_LONG, TOO_MANY_BYTES, CONTROL_CHARACTER, TEXT_DIRECTION or NOT_UNICODE.</param>
    /// <returns>Whether it may be said.</returns>
    public static bool TryClean(string text, [NotNullWhen(true)] out string? clean, [NotNullWhen(false)] out BrokenRule? broken)
    {
        clean = null;
        broken = text.Length > MaxInput
            ? new BrokenRule("TOO_LONG", $"A message has at most {MaxCharacters} characters; this is far longer.")
            : Refuse(text);
        if (broken is not null)
        {
            return false;
        }
        var plain = Nfc.Of(text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n').Replace('\t', ' ').Trim());
        broken = Measure(plain);
        clean = broken is null ? plain : null;
        return broken is null;
    }

    private static BrokenRule? Measure(string plain)
    {
        var characters = Characters.Count(plain);
        if (characters > MaxCharacters)
        {
            return new BrokenRule("TOO_LONG", $"A message has at most {MaxCharacters} characters; this one has {characters}.");
        }
        return Encoding.UTF8.GetByteCount(plain) is > MaxBytes and var bytes
            ? new BrokenRule("TOO_MANY_BYTES",
                $"A message takes at most {MaxBytes:N0} bytes; this one takes {bytes:N0}, because its characters are made of many parts.")
            : null;
    }

    private static BrokenRule? Refuse(string text)
    {
        var visible = false;
        for (var rest = text.AsSpan(); !rest.IsEmpty;)
        {
            if (Rune.DecodeFromUtf16(rest, out var rune, out var length) != System.Buffers.OperationStatus.Done || IsNoncharacter(rune))
            {
                return new BrokenRule("NOT_UNICODE", "The message holds something that is no character. Type it anew.");
            }
            if (Rune.GetUnicodeCategory(rune) == UnicodeCategory.Control && rune.Value is not ('\n' or '\r' or '\t'))
            {
                return new BrokenRule("CONTROL_CHARACTER",
                    $"The message holds a control character (U+{rune.Value:X4}) that has no place in a text. Remove it.");
            }
            if (rune.Value is (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069))
            {
                return new BrokenRule("TEXT_DIRECTION",
                    $"The message holds an invisible character that turns the direction of the text around it (U+{rune.Value:X4}). Remove it.");
            }
            visible |= !IsInvisible(rune);
            rest = rest[length..];
        }
        return visible ? null : new BrokenRule("EMPTY", "A message needs at least one character that can be seen.");
    }

    private static bool IsNoncharacter(Rune rune) => (rune.Value & 0xFFFE) == 0xFFFE || rune.Value is >= 0xFDD0 and <= 0xFDEF;

    // Spaces, format characters, and the letters and marks of Unicode that are drawn as nothing.
    private static bool IsInvisible(Rune rune) =>
        Rune.IsWhiteSpace(rune)
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format or UnicodeCategory.Control
        || rune.Value is 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or (>= 0x180B and <= 0x180F) or 0x2800 or 0x3164
            or (>= 0xFE00 and <= 0xFE0F) or 0xFFA0 or (>= 0xE0000 and <= 0xE0FFF);
}

/// <summary>A rule that a text breaks.</summary>
/// <param name="Name">For programs: <c>TOO_LONG</c>.</param>
/// <param name="Explanation">For people: what is wrong, and what to do.</param>
public sealed record BrokenRule(string Name, string Explanation);
