using System.Net;
using System.Net.Sockets;
using Twite.Hosting;

namespace Twite.ProgramTests;

public sealed class UnusedPortsTests
{
    [Fact]
    public void None_is_one_that_the_system_may_give_to_somebody_else_meanwhile() =>
        Assert.All(UnusedPorts.Find(200), port => Assert.InRange(port, 1_024, UnusedPorts.FirstGiven - 1));

    [Fact]
    public void None_is_found_twice() => Assert.Distinct(UnusedPorts.Find(500));

    [Fact]
    public void Each_is_free_for_a_server_of_either_kind()
    {
        foreach (var port in UnusedPorts.Find(20))
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            using var datagrams = new UdpClient(new IPEndPoint(IPAddress.Loopback, port));
        }
    }
}
