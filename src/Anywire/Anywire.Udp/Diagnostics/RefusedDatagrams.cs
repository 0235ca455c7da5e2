using System.Diagnostics.Metrics;
using Anywire.Diagnostics;

namespace Anywire.Udp.Diagnostics;

/// <summary>Counts datagrams that nobody acted on. They are answered with nothing, and not logged: whoever sends them must not fill a disk.</summary>
internal static class RefusedDatagrams
{
    private static readonly Meter Meter = new(AnywireDiagnostics.Name);

    private static readonly Counter<long> Counter = Meter.CreateCounter<long>(
        "anywire.datagrams.refused", "{datagram}", "Datagrams refused because they were forged, replayed, of no session, or not of the form.");

    public static void Count(string reason)
    {
        if (!Counter.Enabled)
        {
            return;
        }
        try
        {
            Counter.Add(1, new KeyValuePair<string, object?>("reason", reason));
        }
        catch (Exception error)
        {
            CallMetrics.Failed(error);
        }
    }
}
