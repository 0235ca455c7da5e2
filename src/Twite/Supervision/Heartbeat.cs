namespace Twite.Supervision;

/// <summary>How a process that hangs is told from one that has nothing new to say: it repeats its report.</summary>
internal static class Heartbeat
{
    /// <summary>How often a report comes at least.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>After so many intervals without one a process hangs: longer than draining may take, when none comes. They are counted, for a machine
    /// that slept has missed one beat and not all those that its clock would say.</summary>
    public static readonly int MostMissed = (int)(Lifeline.DrainTimeout / Interval) + 1;
}
