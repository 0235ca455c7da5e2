using System.Buffers;
using System.Buffers.Text;

namespace Anywire.Http.Json.Values;

/// <summary>Base64 (RFC 4648) as it comes: in either alphabet, with its padding or without, but without white space.</summary>
internal static class Base64Text
{
    private const byte Stranger = 255;

    private static ReadOnlySpan<byte> Alphabet => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"u8;

    /// <summary>Decodes it; false when it is none.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> text, out byte[] bytes)
    {
        bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length + 3)];
        // The usual case, at the speed of the hardware.
        if (text.Length % 4 == 0 && !HasWhiteSpace(text)
            && Base64.DecodeFromUtf8(text, bytes, out _, out var written) == OperationStatus.Done)
        {
            Array.Resize(ref bytes, written);
            return true;
        }
        return TryDecodeLeniently(text, ref bytes);
    }

    private static bool TryDecodeLeniently(ReadOnlySpan<byte> text, ref byte[] bytes)
    {
        var digits = text.TrimEnd((byte)'=');
        var padding = text.Length - digits.Length;
        if (digits.Length % 4 == 1 || (padding != 0 && padding != (4 - (digits.Length % 4)) % 4))
        {
            return false;
        }
        var (held, bits, at) = (0u, 0, 0);
        foreach (var digit in digits)
        {
            var six = Digit(digit);
            if (six == Stranger)
            {
                return false;
            }
            (held, bits) = ((held << 6) | six, bits + 6);
            if (bits >= 8)
            {
                bits -= 8;
                bytes[at++] = (byte)(held >> bits);
            }
        }
        Array.Resize(ref bytes, at);
        return true;
    }

    // What the platform's decoder passes over and JSON's does not.
    private static bool HasWhiteSpace(ReadOnlySpan<byte> text) => text.IndexOfAny(" \t\r\n"u8) >= 0;

    private static byte Digit(byte c) => c switch
    {
        (byte)'-' => 62,
        (byte)'_' => 63,
        _ => Alphabet.IndexOf(c) is >= 0 and var digit ? (byte)digit : Stranger,
    };
}
