using System.Globalization;

namespace Twite.Lab.Rounds;

/// <summary>The machine's loopback device.</summary>
internal static class Loopback
{
    private const string Statistics = "/sys/class/net/lo/statistics/tx_bytes";

    /// <summary>Bytes sent since the machine started, IP and TCP headers and acknowledgements among them; null where the system does not tell.</summary>
    public static long? SentBytes()
    {
        try
        {
            return long.Parse(File.ReadAllText(Statistics), CultureInfo.InvariantCulture);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or FormatException)
        {
            return null;
        }
    }
}
