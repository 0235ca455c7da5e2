using System.Net;
using System.Net.Sockets;

namespace Twite.Processes;

/// <summary>Ports of this machine that nobody has. Whoever wants one listens on it soon: nothing keeps it from others.</summary>
internal static class FreePorts
{
    /// <summary>As many different ones.</summary>
    public static Queue<int> Find(int count)
    {
        var probes = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        probes.ForEach(p => p.Start());
        var ports = new Queue<int>(probes.Select(PortOf));
        probes.ForEach(p => p.Dispose());
        return ports;
    }

    /// <summary>The first of as many in a row.</summary>
    public static int FindInARow(int count)
    {
        while (true)
        {
            using var first = new TcpListener(IPAddress.Loopback, 0);
            first.Start();
            var others = Enumerable.Range(PortOf(first) + 1, count - 1).Select(p => new TcpListener(IPAddress.Loopback, p)).ToList();
            try
            {
                others.ForEach(o => o.Start());
                return PortOf(first);
            }
            catch (Exception error) when (error is SocketException or ArgumentOutOfRangeException)
            {
                // Somebody has one of them.
            }
            finally
            {
                others.ForEach(o => o.Dispose());
            }
        }
    }

    private static int PortOf(TcpListener listener) => ((IPEndPoint)listener.LocalEndpoint).Port;
}
