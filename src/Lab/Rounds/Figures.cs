namespace Twite.Lab.Rounds;

/// <summary>What is measured: its key in <c>report.json</c>, its name for people, its unit.</summary>
internal sealed record FigureKind(string Key, string Name, string Unit);

/// <summary>All figures there are, in the order in which tables show them.</summary>
internal static class Figures
{
    public static readonly FigureKind Rate = new("rate", "per second", "1/s");
    public static readonly FigureKind Cpu = new("cpu", "CPU, all processes", "µs");
    public static readonly FigureKind CpuClient = new("cpu_client", "CPU, client", "µs");
    public static readonly FigureKind CpuServer = new("cpu_server", "CPU, server", "µs");
    public static readonly FigureKind CpuBroker = new("cpu_broker", "CPU, broker", "µs");
    public static readonly FigureKind P50 = new("p50", "p50", "µs");
    public static readonly FigureKind P90 = new("p90", "p90", "µs");
    public static readonly FigureKind P99 = new("p99", "p99", "µs");
    public static readonly FigureKind P999 = new("p999", "p99.9", "µs");
    public static readonly FigureKind Max = new("max", "max", "µs");
    public static readonly FigureKind Bytes = new("bytes", "bytes on loopback", "B");
    public static readonly FigureKind Lost = new("lost", "lost", "");
    public static readonly FigureKind Doubles = new("doubles", "doubled", "");
    public static readonly FigureKind Inversions = new("inversions", "out of order", "");
    public static readonly FigureKind Dropped = new("dropped", "datagrams lost", "");
    public static readonly FigureKind Failures = new("failures", "failed", "");

    public static IReadOnlyList<FigureKind> All { get; } =
        [Rate, Cpu, CpuClient, CpuServer, CpuBroker, P50, P90, P99, P999, Max, Bytes, Lost, Doubles, Inversions, Failures, Dropped];
}
