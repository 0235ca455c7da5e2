namespace Anywire.Http.Json.WellKnown;

/// <summary>Nanoseconds as the digits behind a second's point: none, three, six or nine when written, one to nine when read.</summary>
internal static class Fraction
{
    /// <summary>Writes point and digits; gives their number.</summary>
    public static int Format(int nanos, Span<byte> text)
    {
        if (nanos == 0)
        {
            return 0;
        }
        var digits = nanos % 1_000_000 == 0 ? 3 : nanos % 1_000 == 0 ? 6 : 9;
        for (var (i, rest) = (9, nanos); i > 0; i--, rest /= 10)
        {
            text[i] = (byte)('0' + (rest % 10));
        }
        text[0] = (byte)'.';
        return digits + 1;
    }

    /// <summary>Reads point and digits; nothing is nothing.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out int nanos)
    {
        nanos = 0;
        if (text.IsEmpty)
        {
            return true;
        }
        if (text.Length is < 2 or > 10 || text[0] != '.' || text[1..].ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            return false;
        }
        for (var i = 1; i < 10; i++)
        {
            nanos = (nanos * 10) + (i < text.Length ? text[i] - '0' : 0);
        }
        return true;
    }
}
