using System.Diagnostics;

namespace Anywire;

/// <summary>Whether to look a little longer before a thread sleeps. To be woken costs a thread more than what a peer takes that answers at once; for one that takes longer looking is
/// in vain, and is given up for more and more waits each time it was. One thread at a time.</summary>
internal sealed class Spin
{
    private const int MostSkipped = 255;

    // A peer that answers at once does so within this time.
    private static readonly long Longest = Stopwatch.Frequency * 30 / 1_000_000;
    private static readonly bool IsOfUse = Environment.ProcessorCount > 1;

    private int _penalty;
    private int _skip;
    private long _until;

    /// <summary>Begins a wait.</summary>
    /// <returns>Whether to look.</returns>
    public bool Begin()
    {
        if (!IsOfUse || _skip > 0)
        {
            _skip--;
            return false;
        }
        _until = Stopwatch.GetTimestamp() + Longest;
        return true;
    }

    /// <summary>Passes a moment between two looks.</summary>
    /// <returns>Whether to look again.</returns>
    public bool GoOn()
    {
        Thread.SpinWait(20);
        if (Stopwatch.GetTimestamp() < _until)
        {
            return true;
        }
        _penalty = Math.Min(2 * _penalty + 1, MostSkipped);
        _skip = _penalty;
        return false;
    }

    /// <summary>It was of use.</summary>
    public void Succeeded() => _penalty = 0;
}
