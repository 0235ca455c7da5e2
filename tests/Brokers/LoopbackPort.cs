using System.Net;
using System.Net.Sockets;

namespace Anywire.Brokers;

/// <summary>Ports on loopback.</summary>
internal static class LoopbackPort
{
    /// <summary>One that the system has just given and taken back.</summary>
    public static int Free()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>Waits until the process listens there.</summary>
    /// <exception cref="InvalidOperationException">It has ended instead.</exception>
    public static async Task WaitAsync(int port, System.Diagnostics.Process process, string outputFile, TimeSpan timeout)
    {
        using var patience = new CancellationTokenSource(timeout);
        while (true)
        {
            if (process.HasExited)
            {
                throw new InvalidOperationException($"The broker ended with {process.ExitCode}: {await File.ReadAllTextAsync(outputFile, patience.Token)}");
            }
            using var socket = new TcpClient();
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, port, patience.Token);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, patience.Token);
            }
        }
    }
}
