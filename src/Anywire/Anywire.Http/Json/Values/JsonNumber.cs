using System.Buffers.Text;

namespace Anywire.Http.Json.Values;

/// <summary>Numbers as JSON spells them: no leading zero or plus, an exponent where one likes.</summary>
internal static class JsonNumber
{
    /// <summary>A signed integer in any spelling that is exact: <c>1000</c>, <c>1e3</c>, <c>1000.0</c>.</summary>
    public static bool TryInteger(ReadOnlySpan<byte> text, out long value)
    {
        if (IsPlain(text) && Utf8Parser.TryParse(text, out value, out var read) && read == text.Length)
        {
            return true;
        }
        var found = TryExact(text, out var isNegative, out var magnitude);
        value = isNegative ? unchecked((long)(0 - magnitude)) : unchecked((long)magnitude);
        return found && magnitude <= (isNegative ? 1UL << 63 : long.MaxValue);
    }

    /// <summary>An unsigned integer in any spelling that is exact.</summary>
    public static bool TryInteger(ReadOnlySpan<byte> text, out ulong value)
    {
        if (IsPlain(text) && Utf8Parser.TryParse(text, out value, out var read) && read == text.Length)
        {
            return true;
        }
        return TryExact(text, out var isNegative, out value) && (!isNegative || value == 0);
    }

    /// <summary>Whether it is spelt as JSON's grammar asks.</summary>
    public static bool IsNumber(ReadOnlySpan<byte> text) => TrySplit(text, out _, out _, out _, out _);

    // The usual case: no exponent, and nothing that Utf8Parser allows and JSON does not.
    private static bool IsPlain(ReadOnlySpan<byte> text) =>
        text is [>= (byte)'1' and <= (byte)'9', ..] or [(byte)'-', >= (byte)'1' and <= (byte)'9', ..];

    private static bool TryExact(ReadOnlySpan<byte> text, out bool isNegative, out ulong magnitude)
    {
        magnitude = 0;
        if (!TrySplit(text, out isNegative, out var whole, out var fraction, out var exponent))
        {
            return false;
        }
        fraction = fraction.TrimEnd((byte)'0');
        whole = whole.TrimStart((byte)'0');
        if (fraction.IsEmpty)
        {
            // 1200e-2 is an integer too.
            var significant = whole.TrimEnd((byte)'0');
            exponent += whole.Length - significant.Length;
            whole = significant;
        }
        else
        {
            exponent -= fraction.Length;
        }
        if (whole.IsEmpty && fraction.IsEmpty)
        {
            return true;
        }
        return exponent >= 0 && TryAppend(whole, ref magnitude) && TryAppend(fraction, ref magnitude) && TryScale(exponent, ref magnitude);
    }

    private static bool TryAppend(ReadOnlySpan<byte> digits, ref ulong magnitude)
    {
        foreach (var digit in digits)
        {
            var next = ((UInt128)magnitude * 10) + (uint)(digit - '0');
            if (next > ulong.MaxValue)
            {
                return false;
            }
            magnitude = (ulong)next;
        }
        return true;
    }

    private static bool TryScale(long exponent, ref ulong magnitude)
    {
        // Twenty digits are more than 64 bits hold; an exponent of billions costs nothing.
        for (var i = 0L; i < exponent; i++)
        {
            if (i > 20 || magnitude > ulong.MaxValue / 10)
            {
                return false;
            }
            magnitude *= 10;
        }
        return true;
    }

    private static bool TrySplit(
        ReadOnlySpan<byte> text, out bool isNegative, out ReadOnlySpan<byte> whole, out ReadOnlySpan<byte> fraction, out long exponent)
    {
        fraction = default;
        exponent = 0;
        isNegative = text is [(byte)'-', ..];
        var rest = isNegative ? text[1..] : text;
        whole = Digits(ref rest);
        if (whole.IsEmpty || whole is [(byte)'0', _, ..])
        {
            return false;
        }
        if (rest is [(byte)'.', ..])
        {
            rest = rest[1..];
            fraction = Digits(ref rest);
            if (fraction.IsEmpty)
            {
                return false;
            }
        }
        return rest.IsEmpty || TryExponent(rest, out exponent);
    }

    private static bool TryExponent(ReadOnlySpan<byte> text, out long exponent)
    {
        exponent = 0;
        if (text is not [(byte)'e' or (byte)'E', ..])
        {
            return false;
        }
        var rest = text[1..];
        var isNegative = rest is [(byte)'-', ..];
        rest = rest is [(byte)'-' or (byte)'+', ..] ? rest[1..] : rest;
        var digits = Digits(ref rest);
        foreach (var digit in digits)
        {
            // Beyond that it makes no difference: no text is so long that its digits make up for it.
            exponent = Math.Min((exponent * 10) + (digit - '0'), int.MaxValue * 4L);
        }
        exponent = isNegative ? -exponent : exponent;
        return !digits.IsEmpty && rest.IsEmpty;
    }

    private static ReadOnlySpan<byte> Digits(scoped ref ReadOnlySpan<byte> text)
    {
        var end = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        var digits = end < 0 ? text : text[..end];
        text = text[digits.Length..];
        return digits;
    }
}
