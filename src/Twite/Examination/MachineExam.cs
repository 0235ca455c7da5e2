using System.Globalization;
using System.Runtime.InteropServices;

namespace Twite.Examination;

/// <summary>Looks at what the machine gives: its clock, how many files may be open, which runtime.</summary>
internal static class MachineExam
{
    // What a front end holds by default (WebOptions.MaxConnections), and some for everything else.
    private const long EnoughFiles = 17_000;
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(1);

    /// <summary>All of it.</summary>
    /// <param name="data">The data directory, whose files must not be from the future.</param>
    /// <param name="now">What the clock says.</param>
    public static IEnumerable<Finding> Look(string data, DateTimeOffset now)
    {
        yield return Finding.Ok("runtime", $"{RuntimeInformation.FrameworkDescription} on {RuntimeInformation.OSDescription}");
        yield return Clock(data, now);
        if (OpenFiles(File.Exists("/proc/self/limits") ? File.ReadLines("/proc/self/limits") : []) is { } files)
        {
            yield return files < EnoughFiles
                ? Finding.Warn("open files", $"{files:N0} may be open at once, and every connection is one; raise it for many live streams: ulimit -n {EnoughFiles}, or LimitNOFILE= in systemd")
                : Finding.Ok("open files", $"{files:N0} may be open at once");
        }
    }

    /// <summary>The soft limit of open files in the words of /proc/self/limits; null when it is not there or there is no limit.</summary>
    public static long? OpenFiles(IEnumerable<string> limits) =>
        limits.FirstOrDefault(l => l.StartsWith("Max open files", StringComparison.Ordinal))?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is { Length: > 3 } words
        && long.TryParse(words[3], NumberStyles.None, CultureInfo.InvariantCulture, out var files)
            ? files
            : null;

    private static Finding Clock(string data, DateTimeOffset now)
    {
        const string WayOut = "set it, and keep it right with NTP (timedatectl set-ntp true): certificates, sessions and the order of messages go by it";
        var built = File.GetLastWriteTimeUtc(typeof(MachineExam).Assembly.Location);
        if (built > now.UtcDateTime + Skew)
        {
            return Finding.Fail("clock", $"it says {now:yyyy-MM-dd HH:mm} UTC, which is before this program was built ({built:yyyy-MM-dd HH:mm}): {WayOut}");
        }
        var future = Directory.Exists(data)
            ? Directory.EnumerateFiles(data).FirstOrDefault(f => File.GetLastWriteTimeUtc(f) > now.UtcDateTime + Skew)
            : null;
        return future is null
            ? Finding.Ok("clock", $"it says {now:yyyy-MM-dd HH:mm} UTC, and nothing contradicts it")
            : Finding.Fail("clock", $"it says {now:yyyy-MM-dd HH:mm} UTC, and {future} was written later than that: {WayOut}");
    }
}
