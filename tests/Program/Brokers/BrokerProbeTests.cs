using System.Net;
using System.Net.Sockets;
using System.Text;
using Twite.Brokers;

namespace Twite.ProgramTests.Brokers;

/// <summary>What is said of a broker without TLS that does not let us in.</summary>
public sealed class BrokerProbeTests
{
    [Fact]
    public async Task A_plain_NATS_that_wants_a_password_says_so()
    {
        var problem = await ProblemAsync(BrokerKind.Nats, "INFO {\"auth_required\":true}\r\n-ERR 'Authorization Violation'\r\n");
        Assert.Equal("it lets nobody in without a certificate: Authorization Violation", problem);
    }

    [Fact]
    public async Task A_plain_broker_that_hangs_up_is_said_to_be_none() =>
        Assert.Equal($"it takes no connection without a certificate, or is no {BrokerKind.RabbitMq.Name}", await ProblemAsync(BrokerKind.RabbitMq, ""));

    private static async Task<string?> ProblemAsync(BrokerKind kind, string answer)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var asked = new BrokerProbe(new BrokerSite(kind, IsSecured: false, "127.0.0.1", port, "/", "n"), credentials: null).ProblemAsync();
        using var socket = await listener.AcceptSocketAsync(TestContext.Current.CancellationToken);
        await socket.SendAsync(Encoding.ASCII.GetBytes(answer), TestContext.Current.CancellationToken);
        socket.Shutdown(SocketShutdown.Send);
        return await asked;
    }
}
