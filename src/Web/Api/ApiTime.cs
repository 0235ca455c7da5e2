using System.Globalization;
using Google.Protobuf.WellKnownTypes;

namespace Twite.Web.Api;

/// <summary>Instants as the API writes them: ISO 8601, UTC, with milliseconds.</summary>
internal static class ApiTime
{
    public static string Format(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public static string Format(Timestamp? time) => Format(time?.ToDateTimeOffset() ?? DateTimeOffset.UnixEpoch);
}
