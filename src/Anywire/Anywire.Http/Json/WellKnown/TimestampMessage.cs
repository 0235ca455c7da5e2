using System.Text;
using Google.Protobuf.WellKnownTypes;

namespace Anywire.Http.Json.WellKnown;

/// <summary>A Timestamp as RFC 3339: written in UTC, read with any offset. From the year 1 to 9999; no leap seconds.</summary>
internal sealed class TimestampMessage(JsonCodecOptions options) : JsonMessage<Timestamp>(Timestamp.Descriptor, options)
{
    private const int Longest = 30;
    private const long YearOne = -62_135_596_800;
    private const long Last = 253_402_300_799;

    public override bool IsText => true;

    public override void Write(ref JsonOutput output, Timestamp message)
    {
        Span<byte> text = stackalloc byte[Longest];
        output.Ascii(text[..Format(message, text)]);
    }

    public override void Read(ref JsonInput input, Timestamp message) => Parse(input.QuotedText("an RFC 3339 time"), message);

    public override string Format(Timestamp message)
    {
        Span<byte> text = stackalloc byte[Longest];
        return Encoding.ASCII.GetString(text[..Format(message, text)]);
    }

    public override void Parse(ReadOnlySpan<byte> text, Timestamp message)
    {
        if (!TryParse(text, out var seconds, out var nanos))
        {
            throw new JsonFormatException($"{Excerpt.Quoted(text)} is no RFC 3339 time such as 2026-11-25T04:05:00Z.");
        }
        (message.Seconds, message.Nanos) = (seconds, nanos);
    }

    private static int Format(Timestamp message, Span<byte> text)
    {
        if (message.Seconds is < YearOne or > Last || message.Nanos is < 0 or > 999_999_999)
        {
            throw new JsonFormatException($"A Timestamp of {message.Seconds} s and {message.Nanos} ns is outside of the years 1 to 9999.");
        }
        var (date, time) = new DateTime((message.Seconds - YearOne) * TimeSpan.TicksPerSecond, DateTimeKind.Utc);
        Digits(date.Year, text[..4]);
        text[4] = (byte)'-';
        Digits(date.Month, text[5..7]);
        text[7] = (byte)'-';
        Digits(date.Day, text[8..10]);
        text[10] = (byte)'T';
        Digits(time.Hour, text[11..13]);
        text[13] = (byte)':';
        Digits(time.Minute, text[14..16]);
        text[16] = (byte)':';
        Digits(time.Second, text[17..19]);
        var end = 19 + Fraction.Format(message.Nanos, text[19..]);
        text[end] = (byte)'Z';
        return end + 1;
    }

    private static bool TryParse(ReadOnlySpan<byte> text, out long seconds, out int nanos)
    {
        (seconds, nanos) = (0, 0);
        if (text.Length < 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':'
            || !TryNumber(text[..4], out var year) || !TryNumber(text[5..7], out var month) || !TryNumber(text[8..10], out var day)
            || !TryNumber(text[11..13], out var hour) || !TryNumber(text[14..16], out var minute) || !TryNumber(text[17..19], out var second)
            || year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59)
        {
            return false;
        }
        var zone = text[19..].IndexOfAny("Z+-"u8) + 19;
        if (zone < 19 || !Fraction.TryParse(text[19..zone], out nanos) || !TryOffset(text[zone..], out var offset))
        {
            return false;
        }
        var days = new DateOnly(year, month, day).DayNumber;
        seconds = YearOne + (days * 86_400L) + (hour * 3_600) + (minute * 60) + second - offset;
        return seconds is >= YearOne and <= Last;
    }

    // Seconds east of Greenwich.
    private static bool TryOffset(ReadOnlySpan<byte> text, out int offset)
    {
        offset = 0;
        if (text is [(byte)'Z'])
        {
            return true;
        }
        if (text.Length != 6 || text[3] != ':' || !TryNumber(text[1..3], out var hours) || !TryNumber(text[4..6], out var minutes)
            || hours > 23 || minutes > 59)
        {
            return false;
        }
        offset = ((hours * 60) + minutes) * (text[0] == '-' ? -60 : 60);
        return true;
    }

    private static bool TryNumber(ReadOnlySpan<byte> text, out int number)
    {
        number = 0;
        foreach (var digit in text)
        {
            if (!char.IsAsciiDigit((char)digit))
            {
                return false;
            }
            number = (number * 10) + (digit - '0');
        }
        return true;
    }

    private static void Digits(int number, Span<byte> text)
    {
        for (var i = text.Length - 1; i >= 0; i--, number /= 10)
        {
            text[i] = (byte)('0' + (number % 10));
        }
    }
}
