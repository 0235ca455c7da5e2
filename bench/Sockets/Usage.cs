namespace Twite.Bench.Sockets;

/// <summary>What this process has used so far.</summary>
internal static class Usage
{
    /// <summary>CPU of all threads, user's and kernel's, in microseconds.</summary>
    public static double Cpu => Environment.CpuUsage.TotalTime.TotalMicroseconds;

    /// <summary>Bytes allocated.</summary>
    public static long Bytes => GC.GetTotalAllocatedBytes(precise: true);
}
