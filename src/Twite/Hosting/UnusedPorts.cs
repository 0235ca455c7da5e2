using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Twite.Hosting;

/// <summary>Ports of this machine that nobody has, for servers that must know theirs before they listen. Nothing keeps one from others who look for one too.</summary>
internal static class UnusedPorts
{
    /// <summary>The first of those that systems give to whoever connects or does not mind which (Linux: from 32,768): one of these might be given to
    /// somebody else before its server listens.</summary>
    public const int FirstGiven = 32_768;

    private const int Lowest = 20_000;

    /// <summary>One, free for TCP and UDP.</summary>
    public static int Find() => Find(1)[0];

    /// <summary>As many different ones, free for TCP and UDP.</summary>
    public static ImmutableArray<int> Find(int count)
    {
        // Held until all are found, so that none is found twice.
        var probes = new List<(int Port, Socket Tcp, Socket Udp)>();
        while (probes.Count < count)
        {
            var port = Random.Shared.Next(Lowest, FirstGiven);
            if (TryBind(SocketType.Stream, port) is not { } tcp)
            {
                continue;
            }
            if (TryBind(SocketType.Dgram, port) is { } udp)
            {
                probes.Add((port, tcp, udp));
            }
            else
            {
                tcp.Dispose();
            }
        }
        foreach (var (_, tcp, udp) in probes)
        {
            tcp.Dispose();
            udp.Dispose();
        }
        return [.. probes.Select(p => p.Port)];
    }

    /// <summary>A socket that holds a port; null when somebody has it.</summary>
    public static Socket? TryBind(SocketType type, int port)
    {
        var probe = new Socket(AddressFamily.InterNetwork, type, ProtocolType.Unspecified);
        try
        {
            probe.Bind(new IPEndPoint(IPAddress.Loopback, port));
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
