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

    [Theory]
    [InlineData("udps", "[::]"), InlineData("udp", "[::]"), InlineData("udps", "0.0.0.0"), InlineData("udp", "0.0.0.0")]
    public async Task Where_it_listens_at_all_addresses_of_the_machine_each_answers(string scheme, string all)
    {
        var isSealed = scheme == "udps";
        await using var bed = await EchoBed.StartAsync(isSealed, host: all);
        // The second of them the kernel would not answer from by itself.
        string[] hosts = all == "[::]" ? ["127.0.0.1", "127.0.0.2", "[::1]"] : ["127.0.0.1", "127.0.0.2"];
        foreach (var host in hosts)
        {
            await using var client = new AnywireClient(
                new UdpTransport(),
                Client(Endpoint.Parse($"{scheme}://{host}:{bed.Endpoint.Port}")) with { Credentials = isSealed ? bed.Authority.For("tester") : null },
                new RetryOptions { MaxAttempts = 1 });
            var echo = new Echo.EchoClient(client.Invoker);
            // Enough that several datagrams of answers go together.
            var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => echo.SayAsync(new Word { Number = i }).ResponseAsync)).Soon();
            Assert.Equal(Enumerable.Range(0, 200), answers.Select(a => (int)a.Number));
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
