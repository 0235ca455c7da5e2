using System.Globalization;

namespace Anywire.Http.Mapping;

/// <summary>The header <c>Grpc-Timeout</c>: the remaining time as at most eight digits and a unit (gRPC, PROTOCOL-HTTP2.md).</summary>
internal static class GrpcTimeout
{
    public const string Header = "grpc-timeout";

    private const long LargestValue = 99_999_999;

    /// <summary>Written so that no time is lost: the finest unit that eight digits hold, rounded up.</summary>
    public static string Format(TimeSpan remaining)
    {
        if (remaining <= TimeSpan.Zero)
        {
            return "1n";
        }
        var microseconds = (remaining.Ticks + TimeSpan.TicksPerMicrosecond - 1) / TimeSpan.TicksPerMicrosecond;
        if (microseconds <= LargestValue)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{microseconds}u");
        }
        var milliseconds = (microseconds + 999) / 1000;
        return milliseconds <= LargestValue
            ? string.Create(CultureInfo.InvariantCulture, $"{milliseconds}m")
            : string.Create(CultureInfo.InvariantCulture, $"{Math.Min((milliseconds + 999) / 1000, LargestValue)}S");
    }

    /// <summary>The time a header states; false when it states none.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan timeout)
    {
        timeout = default;
        if (text.Length is < 2 or > 9 || !long.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var value))
        {
            return false;
        }
        long? ticks = text[^1] switch
        {
            'H' => value * TimeSpan.TicksPerHour,
            'M' => value * TimeSpan.TicksPerMinute,
            'S' => value * TimeSpan.TicksPerSecond,
            'm' => value * TimeSpan.TicksPerMillisecond,
            'u' => value * TimeSpan.TicksPerMicrosecond,
            'n' => value / TimeSpan.NanosecondsPerTick,
            _ => null,
        };
        timeout = TimeSpan.FromTicks(ticks ?? 0);
        return ticks is not null;
    }
}
