using System.Globalization;

namespace Twite.Lab.Reports;

/// <summary>How much of the processors others than the lab used just before it measured.</summary>
/// <param name="Share">Of the time of all processors, 0 to 1; null: unknown.</param>
/// <param name="How">How that is known, or why it is not.</param>
public sealed record OthersUse(double? Share, string How)
{
    private const string Source = "/proc/stat";

    // Whatever Linux itself counts in, this is what it tells programs of (USER_HZ).
    private const int TicksPerSecond = 100;

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1);

    /// <summary>Looks for a second. The load average would tell of the minute before, in which <c>./twite</c> may have built itself.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends it early; what was seen until then counts.</param>
    public static async Task<OthersUse> LookAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        var (started, own, before) = (time.GetTimestamp(), Environment.CpuUsage.TotalTime, Read());
        if (before is null)
        {
            return new OthersUse(null, $"this system has no {Source}, or another than Linux has");
        }
        await Task.Delay(Window, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return Between(before, Read(), Environment.CpuUsage.TotalTime - own, time.GetElapsedTime(started));
    }

    /// <summary>What others used between two readings.</summary>
    /// <param name="before">The first.</param>
    /// <param name="after">The second.</param>
    /// <param name="own">What this process used meanwhile.</param>
    /// <param name="window">How long that was.</param>
    internal static OthersUse Between(ProcessorTicks? before, ProcessorTicks? after, TimeSpan own, TimeSpan window)
    {
        var all = after?.All - before?.All;
        return all > 0
            ? new OthersUse(
                Math.Clamp((after!.Value.Busy - before!.Value.Busy - (own.TotalSeconds * TicksPerSecond)) / all.Value, 0, 1),
                string.Create(CultureInfo.InvariantCulture, $"{Source} over {window.TotalSeconds:0.0} s, without this process"))
            : new OthersUse(null, $"{Source} counted nothing meanwhile");
    }

    private static ProcessorTicks? Read()
    {
        try
        {
            return ProcessorTicks.Parse(File.ReadAllText(Source));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
