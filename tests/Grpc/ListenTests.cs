using Anywire.Certificates;
using Microsoft.Extensions.Logging.Abstractions;

namespace Anywire.Grpc.Tests;

/// <summary>Where a server may listen, and what it says where it cannot.</summary>
public sealed class ListenTests
{
    [Theory, InlineData("127.0.0.1"), InlineData("localhost"), InlineData("0.0.0.0")]
    public async Task Port_0_takes_a_free_one_and_says_which(string host)
    {
        await using var server = await EchoServer.StartAsync(null, $"grpc://{host}:0", "here");
        await using var client = EchoServer.Connect(null, [Endpoint.Parse($"grpc://localhost:{server.Endpoint.Port}")]);
        Assert.Equal("here", (await new Echo.EchoClient(client.Invoker).SayAsync(new Word())).Text);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_said_to_be()
    {
        await using var first = await EchoServer.StartAsync(null, "grpc://127.0.0.1:0");
        var error = await Assert.ThrowsAsync<IOException>(() => EchoServer.StartAsync(null, first.Endpoint.ToString()));
        Assert.Equal($"{first.Endpoint} is taken: a program listens there already. Stop it, or choose another port.", error.Message);
    }

    [Fact]
    public async Task An_address_of_another_machine_is_said_to_be()
    {
        // 192.0.2.0/24 is reserved for documentation.
        var error = await Assert.ThrowsAsync<IOException>(() => EchoServer.StartAsync(null, "grpc://192.0.2.1:21600"));
        Assert.Equal("grpc://192.0.2.1:21600 cannot be listened on: this machine has no such address.", error.Message);
    }

    [Fact]
    public async Task An_address_without_a_port_is_no_address()
    {
        var error = await Assert.ThrowsAsync<FormatException>(() => EchoServer.StartAsync(null, "grpc://127.0.0.1"));
        Assert.Contains("Write grpc://host:port", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_secured_address_needs_a_certificate() =>
        Assert.Throws<InvalidOperationException>(() => EchoServer.Connect(null, [Endpoint.Parse("grpcs://127.0.0.1:21601")]));

    [Fact]
    public async Task Each_address_of_one_server_may_have_its_own_wire()
    {
        using var authority = new TestAuthority();
        await using var server = new AnywireServer(new AnywireServerOptions
        {
            Transports = new Transports(new GrpcTransport()),
            Services = [],
            Contracts = EchoServer.Contracts,
            Credentials = authority.For("echo"),
            Loggers = NullLoggerFactory.Instance,
        });
        var secured = await server.ListenAsync(Endpoint.Parse("grpcs://127.0.0.1:0"), CancellationToken.None);
        var plain = await server.ListenAsync(Endpoint.Parse("grpc://127.0.0.1:0"), CancellationToken.None);
        await using var toSecured = EchoServer.Connect(authority.For("friend"), [secured]);
        await using var toPlain = EchoServer.Connect(null, [plain]);
        await toSecured.ConnectAsync(CancellationToken.None);
        await toPlain.ConnectAsync(CancellationToken.None);
    }
}
