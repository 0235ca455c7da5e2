using System.Net.Sockets;
using Twite.Hosting;

namespace Twite.Processes;

/// <summary>Ports of this machine that nobody has, one after the other.</summary>
internal static class PortsInARow
{
    /// <summary>The first of as many, free for TCP.</summary>
    public static int Find(int count)
    {
        while (true)
        {
            var first = UnusedPorts.Find();
            var probes = Enumerable.Range(first, count).Select(port => UnusedPorts.TryBind(SocketType.Stream, port)).ToList();
            probes.ForEach(p => p?.Dispose());
            if (probes.TrueForAll(p => p is not null))
            {
                return first;
            }
        }
    }
}
