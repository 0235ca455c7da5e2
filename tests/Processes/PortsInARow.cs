using System.Net;
using System.Net.Sockets;
using Twite.Hosting;

namespace Twite.Processes;

/// <summary>Ports of this machine that nobody has, one after the other.</summary>
internal static class PortsInARow
{
    /// <summary>The first of as many.</summary>
    public static int Find(int count)
    {
        while (true)
        {
            var first = UnusedPorts.Find();
            var probes = Enumerable.Range(first, count).Select(TryListen).ToList();
            probes.ForEach(p => p?.Dispose());
            if (probes.TrueForAll(p => p is not null))
            {
                return first;
            }
        }
    }

    private static TcpListener? TryListen(int port)
    {
        var probe = new TcpListener(IPAddress.Loopback, port);
        try
        {
            probe.Start();
            return probe;
        }
        catch (SocketException)
        {
            // Somebody has it.
            probe.Dispose();
            return null;
        }
    }
}
