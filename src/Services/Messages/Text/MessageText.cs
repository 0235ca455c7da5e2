using System.Globalization;
using System.Text;
using Anywire;
using Grpc.Core;
using Twite.Unicode;

namespace Twite.Messages;

/// <summary>The rule for what a message may say: see README.</summary>
internal static class MessageText
{
    /// <summary>The most characters as people count them: grapheme clusters.</summary>
    public const int MaxCharacters = 141;

    /// <summary>The most bytes of UTF-8, so that an event with it fits a datagram.</summary>
    public const int MaxBytes = 1_000;

    // Far more than can be left of it, so that a text of megabytes is not normalized first.
    private const int MaxInput = 8 * MaxBytes;

    /// <summary>The text as it is stored: line ends and tabs made plain, NFC, without spaces around it.</summary>
    /// <param name="text">What was typed.</param>
    /// <param name="field">What the request calls it, for the error.</param>
    /// <exception cref="RpcException">INVALID_ARGUMENT: EMPTY, TOO_LONG, TOO_MANY_BYTES, CONTROL_CHARACTER, TEXT_DIRECTION or NOT_UNICODE.</exception>
    public static string Clean(string text, string field = "text")
    {
        if (text.Length > MaxInput)
        {
            throw RpcErrors.InvalidArgument(field, "TOO_LONG", $"A message has at most {MaxCharacters} characters; this is far longer.");
        }
        var visible = Check(text, field);
        var clean = Nfc.Of(text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n').Replace('\t', ' ').Trim());
        if (!visible)
        {
            throw RpcErrors.InvalidArgument(field, "EMPTY", "A message needs at least one character that can be seen.");
        }
        var characters = Characters.Count(clean);
        if (characters > MaxCharacters)
        {
            throw RpcErrors.InvalidArgument(field, "TOO_LONG", $"A message has at most {MaxCharacters} characters; this one has {characters}.");
        }
        if (Encoding.UTF8.GetByteCount(clean) is > MaxBytes and var bytes)
        {
            throw RpcErrors.InvalidArgument(field, "TOO_MANY_BYTES",
                $"A message takes at most {MaxBytes:N0} bytes; this one takes {bytes:N0}, because its characters are made of many parts.");
        }
        return clean;
    }

    /// <returns>Whether something of it can be seen.</returns>
    private static bool Check(string text, string field)
    {
        var visible = false;
        for (var rest = text.AsSpan(); !rest.IsEmpty;)
        {
            if (Rune.DecodeFromUtf16(rest, out var rune, out var length) != System.Buffers.OperationStatus.Done || IsNoncharacter(rune))
            {
                throw RpcErrors.InvalidArgument(field, "NOT_UNICODE", "The message holds something that is no character. Type it anew.");
            }
            if (Rune.GetUnicodeCategory(rune) == UnicodeCategory.Control && rune.Value is not ('\n' or '\r' or '\t'))
            {
                throw RpcErrors.InvalidArgument(field, "CONTROL_CHARACTER",
                    $"The message holds a control character (U+{rune.Value:X4}) that has no place in a text. Remove it.");
            }
            if (rune.Value is (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069))
            {
                throw RpcErrors.InvalidArgument(field, "TEXT_DIRECTION",
                    $"The message holds an invisible character that turns the direction of the text around it (U+{rune.Value:X4}). Remove it.");
            }
            visible |= !IsInvisible(rune);
            rest = rest[length..];
        }
        return visible;
    }

    private static bool IsNoncharacter(Rune rune) => (rune.Value & 0xFFFE) == 0xFFFE || rune.Value is >= 0xFDD0 and <= 0xFDEF;

    // Spaces, format characters, and the letters and marks of Unicode that are drawn as nothing.
    private static bool IsInvisible(Rune rune) =>
        Rune.IsWhiteSpace(rune)
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format or UnicodeCategory.Control
        || rune.Value is 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or (>= 0x180B and <= 0x180F) or 0x2800 or 0x3164
            or (>= 0xFE00 and <= 0xFE0F) or 0xFFA0 or (>= 0xE0000 and <= 0xE0FFF);
}
