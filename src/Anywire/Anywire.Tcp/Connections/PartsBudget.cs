namespace Anywire.Tcp.Connections;

/// <summary>How many bytes messages of one connection may take together that are unfinished, or unread: each may be as large as its contract says, and they may be many. Any thread.</summary>
/// <param name="bytes">The most.</param>
internal sealed class PartsBudget(long bytes)
{
    private long _left = bytes;

    /// <summary>Takes some.</summary>
    /// <returns>False when there is not as much left.</returns>
    public bool TryTake(long count)
    {
        if (Interlocked.Add(ref _left, -count) >= 0)
        {
            return true;
        }
        Interlocked.Add(ref _left, count);
        return false;
    }

    /// <summary>Gives some back.</summary>
    public void Give(long count) => Interlocked.Add(ref _left, count);
}
