using System.Globalization;

namespace Twite.Lab.Event;

/// <summary>What an event's id says: <c>lab-RUN-NUMBER-TIMESTAMP</c>.</summary>
/// <param name="Run">The run.</param>
/// <param name="Number">Its number in the run.</param>
/// <param name="From">The timestamp at which it was to be sent; timestamps of all processes of a machine are of one clock.</param>
internal readonly record struct EventId(int Run, long Number, long From)
{
    /// <summary>As the event's header has it.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"lab-{Run}-{Number}-{From}");

    /// <summary>Reads one; null when it is none of the lab's.</summary>
    public static EventId? Parse(ReadOnlySpan<char> text)
    {
        Span<Range> parts = stackalloc Range[5];
        return text.Split(parts, '-') == 4 && text[parts[0]] is "lab"
            && int.TryParse(text[parts[1]], CultureInfo.InvariantCulture, out var run)
            && long.TryParse(text[parts[2]], CultureInfo.InvariantCulture, out var number) && number >= 0
            && long.TryParse(text[parts[3]], CultureInfo.InvariantCulture, out var from)
                ? new EventId(run, number, from)
                : null;
    }
}
