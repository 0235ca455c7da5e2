using System.Globalization;

namespace Twite.Lab.Reports;

/// <summary>Sentences that every form of the report has.</summary>
internal static class ReportWords
{
    /// <summary>When, where, with what.</summary>
    public static string Summary(Report report) => string.Create(CultureInfo.InvariantCulture,
        $"Measured on {report.StartedAt:yyyy-MM-dd HH:mm} UTC in {report.Seconds / 60:0.0} minutes with Twite {report.Version}: {report.Machine.Cores} cores of {report.Machine.Cpu}, {report.Machine.MemoryBytes / (1024.0 * 1024 * 1024):0} GiB, {report.Machine.Os}, {report.Machine.Runtime}. {report.Settings.Rounds} rounds{(report.Settings.Quick ? " of the short form (--quick)" : "")}, random seed {report.Settings.Seed}.{Others(report.Machine.Others)}");

    /// <summary>A warning that the machine was not the lab's alone; null: it seemed to be.</summary>
    public static string? Busy(Report report) => report.Machine is { WasBusy: true, Others.Share: { } share }
        ? string.Create(CultureInfo.InvariantCulture,
            $"The machine was busy with something else, which used {share * 100:0} % of its processors just before. Wall times and rates of this report are worth little.")
        : null;

    public static string Secured(ReportColumn column) => column switch
    {
        { Secured: true } => "yes",
        { Processes: 1 } => "same process",
        _ => "no",
    };

    /// <summary>What a reader must know so as not to be misled.</summary>
    public static IReadOnlyList<string> Notes(Report report) =>
    [
        "Each number is the median of the rounds; the smallest and the largest of the rounds stand beside it. Where two columns' ranges overlap, this report does not tell them apart.",
        "Every round goes through all columns in an order of its own, so that what the machine does meanwhile happens to all of them. Only figures of one report can be compared, and wall times less well than CPU.",
        "CPU is that of all threads of the process, in user and kernel mode, for each operation. Client, server and, where there is one, the broker are processes of their own, on the same machine, so they compete for its cores. What the kernel does for the loopback device in softirqs is counted to whichever process it interrupts.",
        $"An open loop counts from the moment a call was meant to be sent, so a server that stalls is seen by every call that would have come meanwhile. When more than {report.Settings.LateShare:P0} of the sends left over {report.Settings.LateMilliseconds:N0} ms late, the lab's generator was the bottleneck, and there is no figure.",
        "A percentile is left out when fewer calls were made in one of the rounds than it would need to have one beyond it.",
        "Failed calls count in the latencies and not in the rate. \"Bytes on loopback\" is all that the machine sent over its loopback device meanwhile, headers and acknowledgements among it, whoever sent it.",
        $"Columns are warmed up for {report.Settings.WarmUpSeconds:0.#} s (in the scene screen until posts become no cheaper, up to five times as long), which counts for nothing, and each measurement lasts {report.Settings.MeasurementSeconds:0.#} s. The runtime may still be compiling in a short one.",
    ];

    private static string Others(OthersUse? others) => others switch
    {
        null => "",
        { Share: { } share } => string.Create(CultureInfo.InvariantCulture, $" Just before, others used {share * 100:0} % of the processors ({others.How})."),
        _ => $" How much others used the processors just before is unknown: {others.How}.",
    };
}
