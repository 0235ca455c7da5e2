using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;

namespace Anywire.Udp.Tests;

/// <summary>What an address must say, and what it needs.</summary>
public sealed class AddressTests
{
    [Fact]
    public async Task A_secured_address_without_a_certificate_is_refused_and_not_called_without_seals()
    {
        var transport = new UdpTransport();
        var endpoint = Endpoint.Parse("udps://127.0.0.1:5999");
        Assert.Throws<InvalidOperationException>(() => transport.Connect(Client(endpoint)));
        await Assert.ThrowsAsync<InvalidOperationException>(() => transport.ListenAsync(Server(endpoint), CancellationToken.None));
    }

    [Theory, InlineData("udp://127.0.0.1"), InlineData("udp:name")]
    public async Task An_address_without_host_and_port_is_refused(string address)
    {
        var transport = new UdpTransport();
        var endpoint = Endpoint.Parse(address);
        Assert.Throws<FormatException>(() => transport.Connect(Client(endpoint)));
        await Assert.ThrowsAsync<FormatException>(() => transport.ListenAsync(Server(endpoint), CancellationToken.None));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task An_address_that_does_not_answer_holds_up_nobody(bool isFirst)
    {
        await using var bed = await EchoBed.StartAsync();
        // It takes the connection that keys are agreed over, and says nothing.
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        silent.Listen();
        var port = ((IPEndPoint)silent.LocalEndPoint!).Port;
        var mute = bed.Endpoint.WithPort(port);
        await using var client = new AnywireClient(
            new UdpTransport(),
            Client(bed.Endpoint) with { Endpoints = isFirst ? [mute, bed.Endpoint] : [bed.Endpoint, mute], Credentials = bed.Authority.For("tester") },
            new RetryOptions { MaxAttempts = 1 });
        var echo = new Echo.EchoClient(client.Invoker);
        Assert.Equal(7, (await echo.SayAsync(new Word { Number = 7 }, deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(4))).Number);
    }

    [Theory, InlineData("udps", true), InlineData("udp", false)]
    public async Task All_addresses_of_the_machine_are_those_of_IPv4_too(string scheme, bool isSealed)
    {
        await using var bed = await EchoBed.StartAsync(isSealed, host: "[::]");
        foreach (var host in (string[])["127.0.0.1", "[::1]"])
        {
            await using var client = new AnywireClient(
                new UdpTransport(),
                Client(Endpoint.Parse($"{scheme}://{host}:{bed.Endpoint.Port}")) with { Credentials = isSealed ? bed.Authority.For("tester") : null },
                new RetryOptions { MaxAttempts = 1 });
            Assert.Equal(7, (await new Echo.EchoClient(client.Invoker).SayAsync(new Word { Number = 7 }).ResponseAsync.Soon()).Number);
        }
    }

    private static TransportClientOptions Client(Endpoint endpoint) => new()
    {
        Endpoints = [endpoint],
        Service = "echo",
        Caller = "tester",
        Contracts = EchoBed.Contracts,
        Loggers = NullLoggerFactory.Instance,
        Time = TimeProvider.System,
    };

    private static TransportServerOptions Server(Endpoint endpoint) => new()
    {
        Endpoint = endpoint,
        Bind = static _ => { },
        Contracts = EchoBed.Contracts,
        Limits = new ServerLimits(),
        Loggers = NullLoggerFactory.Instance,
        Time = TimeProvider.System,
    };
}
