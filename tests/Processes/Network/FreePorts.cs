using System.Net;
using System.Net.Sockets;

namespace Twite.Processes;

/// <summary>Ports of this machine that nobody has. Whoever wants one listens on it soon: nothing keeps it from others that look for one too.</summary>
internal static class FreePorts
{
    // Below those that a system gives to whoever connects (Linux: 32,768 and up): such a one might be taken before anybody listens on it.
    private const int Lowest = 20_000;
    private const int Highest = 32_000;

    /// <summary>As many different ones.</summary>
    public static Queue<int> Find(int count)
    {
        var probes = new List<TcpListener>();
        while (probes.Count < count)
        {
            if (TryListen(AnyPort()) is { } probe)
            {
                probes.Add(probe);
            }
        }
        var ports = new Queue<int>(probes.Select(p => ((IPEndPoint)p.LocalEndpoint).Port));
        probes.ForEach(p => p.Dispose());
        return ports;
    }

    /// <summary>The first of as many in a row.</summary>
    public static int FindInARow(int count)
    {
        while (true)
        {
            var first = AnyPort();
            var probes = Enumerable.Range(first, count).Select(TryListen).ToList();
            probes.ForEach(p => p?.Dispose());
            if (probes.TrueForAll(p => p is not null))
            {
                return first;
            }
        }
    }

    private static int AnyPort() => Random.Shared.Next(Lowest, Highest);

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
