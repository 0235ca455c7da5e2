namespace Anywire.Udp.Diagnostics;

/// <summary>What happened to the datagrams of a socket so far.</summary>
/// <param name="Sent">Handed to the kernel.</param>
/// <param name="Unsent">Given up by their sender: the kernel did not take them, or they waited when their session was lost.</param>
/// <param name="Received">Came, genuine and for the first time.</param>
/// <param name="Missing">Never came: gaps in the counters of those that did.</param>
/// <param name="KernelDrops">Of those, dropped by the kernel of this machine because the receive buffer was full.</param>
internal readonly record struct DatagramTotals(long Sent, long Unsent, long Received, long Missing, long KernelDrops)
{
    /// <summary>Missing for any other reason: lost in the network.</summary>
    public long NetworkLosses => Math.Max(0, Missing - KernelDrops);
}
