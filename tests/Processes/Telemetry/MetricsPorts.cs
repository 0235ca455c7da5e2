using System.Net;
using System.Net.Sockets;

namespace Twite.Processes.Telemetry;

/// <summary>Where the processes of a network can show their metrics.</summary>
internal static class MetricsPorts
{
    /// <summary>An address with as many free ports from it on as there are processes.</summary>
    public static string Find(int processes)
    {
        while (true)
        {
            using var first = new TcpListener(IPAddress.Loopback, 0);
            first.Start();
            var port = ((IPEndPoint)first.LocalEndpoint).Port;
            var others = Enumerable.Range(port + 1, processes - 1).Select(p => new TcpListener(IPAddress.Loopback, p)).ToList();
            try
            {
                others.ForEach(o => o.Start());
                return $"http://127.0.0.1:{port}";
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
}
