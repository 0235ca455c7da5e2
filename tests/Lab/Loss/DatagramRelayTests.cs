using System.Net;
using System.Net.Sockets;
using Twite.Lab.Loss;

namespace Twite.Lab.Tests.Loss;

public sealed class DatagramRelayTests
{
    [Fact]
    public async Task Ends_quietly_while_connections_to_an_absent_server_come()
    {
        using var absent = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        absent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        for (var round = 0; round < 200; round++)
        {
            await using var relay = new DatagramRelay(((IPEndPoint)absent.LocalEndPoint!).Port);
            using var caller = new TcpClient();
            await caller.ConnectAsync(IPAddress.Loopback, relay.Port, TestContext.Current.CancellationToken);
        }
    }
}
