using System.Globalization;

namespace Twite.Lab.Reports;

/// <summary>What all processors have done since the system started, in hundredths of a second of one processor, as <c>/proc/stat</c> says.</summary>
/// <param name="Busy">Working, also for another guest of the same host.</param>
/// <param name="All">Working or not.</param>
internal readonly record struct ProcessorTicks(long Busy, long All)
{
    // user, nice, system, idle, iowait, irq, softirq, steal; old kernels end earlier. The two that follow are within user and nice already.
    private const int Fields = 8;
    private const int Idle = 3;
    private const int WaitingForDisk = 4;

    /// <summary>Reads the text of <c>/proc/stat</c>; null where it is not as Linux writes it.</summary>
    public static ProcessorTicks? Parse(string text)
    {
        var words = text.Split('\n').FirstOrDefault(l => l.StartsWith("cpu ", StringComparison.Ordinal))?.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words is null || words.Length <= 1 + Idle)
        {
            return null;
        }
        var (busy, all) = (0L, 0L);
        for (var i = 0; i < Math.Min(Fields, words.Length - 1); i++)
        {
            if (!long.TryParse(words[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) || ticks > long.MaxValue / Fields)
            {
                return null;
            }
            all += ticks;
            busy += i is Idle or WaitingForDisk ? 0 : ticks;
        }
        return new ProcessorTicks(busy, all);
    }
}
