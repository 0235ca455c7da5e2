using System.Globalization;
using System.Runtime;
using System.Runtime.InteropServices;

namespace Twite.Lab.Reports;

/// <summary>Where something was measured.</summary>
/// <param name="Os">The operating system.</param>
/// <param name="Cpu">The processor's name.</param>
/// <param name="Cores">Logical cores that the program may use.</param>
/// <param name="MemoryBytes">Memory that the program may use.</param>
/// <param name="Runtime">The version of .NET.</param>
/// <param name="Architecture">The processor's architecture.</param>
/// <param name="ServerGc">Whether the server's garbage collector runs.</param>
/// <param name="LoadBefore">How many threads wanted to run in the minute before it began, on average; null where the system does not tell.</param>
public sealed record Machine(
    string Os, string Cpu, int Cores, long MemoryBytes, string Runtime, string Architecture, bool ServerGc, double? LoadBefore)
{
    // Of two processors a fifth of one: enough to hold up a caller or its handler now and then.
    private const double MostOfOthers = 0.1;

    private const string LoadAverage = "/proc/loadavg";
    private const string CpuInfo = "/proc/cpuinfo";

    /// <summary>This one.</summary>
    public static Machine This() => new(
        RuntimeInformation.OSDescription,
        CpuName(),
        Environment.ProcessorCount,
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        RuntimeInformation.FrameworkDescription,
        RuntimeInformation.ProcessArchitecture.ToString(),
        GCSettings.IsServerGC,
        Load());

    /// <summary>How much of it others used just before; null where nobody looked.</summary>
    public OthersUse? Others { get; init; }

    /// <summary>Whether something else kept it busy, as far as that is known.</summary>
    public bool WasBusy => Others?.Share > MostOfOthers;

    private static double? Load()
    {
        try
        {
            return double.Parse(File.ReadAllText(LoadAverage).Split(' ')[0], CultureInfo.InvariantCulture);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or FormatException)
        {
            return null;
        }
    }

    private static string CpuName()
    {
        try
        {
            return File.ReadLines(CpuInfo).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "unknown";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "unknown";
        }
    }
}
