using System.Diagnostics.Metrics;
using Anywire.Diagnostics;

namespace Anywire.Udp.Diagnostics;

/// <summary>Shows the totals of one socket, and tells apart where datagrams were lost: <c>anywire.datagrams</c> and <c>anywire.datagrams.lost</c>. Costs nothing until somebody
/// looks.</summary>
internal sealed class DatagramMeter : IDisposable
{
    // One for each socket: it goes with it.
    private readonly Meter _meter = new(AnywireDiagnostics.Name);
    private readonly Func<DatagramTotals> _totals;
    private readonly KeyValuePair<string, object?> _wire;
    private readonly KeyValuePair<string, object?> _socket;

    /// <param name="wire">The transport's name.</param>
    /// <param name="socket">Where it listens, or goes to.</param>
    /// <param name="totals">Gives the totals; called by any thread.</param>
    public DatagramMeter(string wire, string socket, Func<DatagramTotals> totals)
    {
        _totals = totals;
        _wire = new("anywire.wire", wire);
        _socket = new("anywire.socket", socket);
        Tell(() => _meter.CreateObservableCounter("anywire.datagrams", ObserveAll, "{datagram}", "Datagrams sent, and received genuine and for the first time."));
        Tell(() => _meter.CreateObservableCounter("anywire.datagrams.lost", ObserveLost, "{datagram}", "Datagrams dropped by their sender, by the kernel of the receiver, or in the network."));
    }

    public void Dispose() => Tell(_meter.Dispose);

    // Listeners are told of what begins and ends here, and whoever makes or ends a socket must not fail with them: it would be left open.
    private static void Tell(Action work)
    {
        try
        {
            work();
        }
        catch (Exception error)
        {
            CallMetrics.Failed(error);
        }
    }

    private Measurement<long>[] ObserveAll()
    {
        var totals = _totals();
        return [Of(totals.Sent, "direction", "sent"), Of(totals.Received, "direction", "received")];
    }

    private Measurement<long>[] ObserveLost()
    {
        var totals = _totals();
        return [Of(totals.Unsent, "where", "sender"), Of(totals.KernelDrops, "where", "kernel"), Of(totals.NetworkLosses, "where", "network")];
    }

    private Measurement<long> Of(long value, string tag, string word) => new(value, _wire, _socket, new(tag, word));
}
