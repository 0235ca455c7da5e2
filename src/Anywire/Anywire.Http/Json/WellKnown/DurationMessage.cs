using System.Buffers.Text;
using System.Text;
using Google.Protobuf.WellKnownTypes;

namespace Anywire.Http.Json.WellKnown;

/// <summary>A Duration as seconds with an "s" behind them: <c>"1.500s"</c>. At most 10,000 years either way.</summary>
internal sealed class DurationMessage(JsonCodecOptions options) : JsonMessage<Duration>(Duration.Descriptor, options)
{
    private const int Longest = 32;
    private const long Most = 315_576_000_000;

    public override bool IsText => true;

    public override void Write(ref JsonOutput output, Duration message)
    {
        Span<byte> text = stackalloc byte[Longest];
        output.Ascii(text[..Format(message, text)]);
    }

    public override void Read(ref JsonInput input, Duration message) => Parse(input.QuotedText("a duration such as \"1.5s\""), message);

    public override string Format(Duration message)
    {
        Span<byte> text = stackalloc byte[Longest];
        return Encoding.ASCII.GetString(text[..Format(message, text)]);
    }

    public override void Parse(ReadOnlySpan<byte> text, Duration message)
    {
        if (!TryParse(text, out var seconds, out var nanos))
        {
            throw new JsonFormatException($"{Excerpt.Quoted(text)} is no duration such as 1.5s.");
        }
        (message.Seconds, message.Nanos) = (seconds, nanos);
    }

    private static int Format(Duration message, Span<byte> text)
    {
        var (seconds, nanos) = (message.Seconds, message.Nanos);
        if (seconds is < -Most or > Most || nanos is < -999_999_999 or > 999_999_999 || (seconds > 0 && nanos < 0) || (seconds < 0 && nanos > 0))
        {
            throw new JsonFormatException($"A Duration of {seconds} s and {nanos} ns is too long, or has two signs.");
        }
        var at = 0;
        if (seconds < 0 || nanos < 0)
        {
            text[at++] = (byte)'-';
        }
        Utf8Formatter.TryFormat(Math.Abs(seconds), text[at..], out var written);
        at += written;
        at += Fraction.Format(Math.Abs(nanos), text[at..]);
        text[at] = (byte)'s';
        return at + 1;
    }

    private static bool TryParse(ReadOnlySpan<byte> text, out long seconds, out int nanos)
    {
        (seconds, nanos) = (0, 0);
        var isNegative = text is [(byte)'-', ..];
        if (text is not [.., (byte)'s'])
        {
            return false;
        }
        var rest = text[(isNegative ? 1 : 0)..^1];
        var end = rest.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        var whole = end < 0 ? rest : rest[..end];
        if (whole.Length is 0 or > 12 || !Fraction.TryParse(rest[whole.Length..], out nanos))
        {
            return false;
        }
        foreach (var digit in whole)
        {
            seconds = (seconds * 10) + (digit - '0');
        }
        if (seconds > Most)
        {
            return false;
        }
        (seconds, nanos) = isNegative ? (-seconds, -nanos) : (seconds, nanos);
        return true;
    }
}
