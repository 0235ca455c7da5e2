using System.Globalization;

namespace Twite.Web.Text;

/// <summary>How long ago something was, as short as a timeline needs it. The same in every time zone.</summary>
internal static class Ages
{
    public static string Describe(DateTimeOffset at, DateTimeOffset now)
    {
        var age = now - at;
        return age.TotalSeconds switch
        {
            < 60 => "now",
            < 3600 => $"{(int)age.TotalMinutes} min",
            < 86400 => $"{(int)age.TotalHours} h",
            < 7 * 86400 => $"{(int)age.TotalDays} d",
            _ => at.ToString(at.Year == now.Year ? "d MMM" : "d MMM yyyy", CultureInfo.InvariantCulture),
        };
    }

    /// <summary>The moment in full, in UTC.</summary>
    public static string InFull(DateTimeOffset at) => at.UtcDateTime.ToString("d MMMM yyyy, HH:mm 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>For the <c>datetime</c> attribute.</summary>
    public static string Machine(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
