namespace Anywire.Tcp.Connections;

/// <summary>How many bytes the unfinished messages of one connection may take together: each may be as large as its contract says, and they may be many. Any thread.</summary>
/// <param name="bytes">The most.</param>
internal sealed class PartsBudget(long bytes)
{
    private long _left = bytes;

    /// <summary>Takes some.</summary>
    /// <returns>False when there is not as much left.</returns>
    public bool TryTake(int count)
    {
        if (Interlocked.Add(ref _left, -count) >= 0)
        {
            return true;
        }
        Interlocked.Add(ref _left, count);
        return false;
    }

    /// <summary>Gives some back.</summary>
    public void Give(int count) => Interlocked.Add(ref _left, count);
}
