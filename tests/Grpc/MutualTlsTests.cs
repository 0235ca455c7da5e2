using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Anywire.Certificates;
using Anywire.Identity;
using Grpc.Core;
using Grpc.Net.Client;

namespace Anywire.Grpc.Tests;

/// <summary>Who gets through the handshake, and as whom.</summary>
public sealed class MutualTlsTests : IDisposable
{
    private readonly TestAuthority _cluster = new();
    private readonly TestAuthority _stranger = new();

    public void Dispose()
    {
        _cluster.Dispose();
        _stranger.Dispose();
    }

    [Fact]
    public async Task A_caller_is_known_by_the_name_its_certificate_proves()
    {
        await using var server = await EchoServer.StartAsync(_cluster.For("echo"));
        await using var client = EchoServer.Connect(_cluster.For("friend"), [server.Endpoint]);
        Assert.Equal("friend", (await new Echo.EchoClient(client.Invoker).WhoAmIAsync(new Word())).Text);
    }

    [Fact]
    public async Task A_name_that_is_only_claimed_counts_for_nothing()
    {
        await using var server = await EchoServer.StartAsync(_cluster.For("echo"));
        await using var client = EchoServer.Connect(_cluster.For("foe"), [server.Endpoint]);
        var claim = new Metadata { { PeerIdentity.ClaimKey, "friend" } };
        Assert.Equal("foe", (await new Echo.EchoClient(client.Invoker).WhoAmIAsync(new Word(), claim)).Text);
    }

    [Theory, InlineData("friend", StatusCode.OK), InlineData("foe", StatusCode.PermissionDenied)]
    public async Task Only_allowed_callers_may_call(string caller, StatusCode expected)
    {
        await using var server = await EchoServer.StartAsync(_cluster.For("echo"));
        await using var client = EchoServer.Connect(_cluster.For(caller), [server.Endpoint]);
        Assert.Equal(expected, await OutcomeAsync(new Echo.EchoClient(client.Invoker).WhisperAsync(new Word())));
    }

    [Fact]
    public async Task Without_a_certificate_no_call_gets_through()
    {
        await using var server = await EchoServer.StartAsync(_cluster.For("echo"));
        using var handler = new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = Anybody } };
        using var channel = GrpcChannel.ForAddress(server.Endpoint.ToString().Replace("grpcs", "https", StringComparison.Ordinal), new GrpcChannelOptions { HttpHandler = handler });
        Assert.NotEqual(StatusCode.OK, await OutcomeAsync(new Echo.EchoClient(channel).SayAsync(new Word())));
        Assert.Equal(0, server.Calls);
    }

    public static TheoryData<string> BadCallers => ["another authority", "expired", "not yet in force", "no DNS name"];

    [Theory, MemberData(nameof(BadCallers))]
    public async Task A_caller_with_a_bad_certificate_is_refused(string flaw)
    {
        await using var server = await EchoServer.StartAsync(_cluster.For("echo"));
        await using var client = EchoServer.Connect(Flawed(flaw, "friend"), [server.Endpoint]);
        var error = await Assert.ThrowsAsync<RpcException>(async () => await new Echo.EchoClient(client.Invoker).SayAsync(new Word()));
        Assert.True(error.StatusCode == StatusCode.Unavailable, error.ToString());
        Assert.Equal(0, server.Calls);
    }

    [Theory, MemberData(nameof(BadCallers))]
    public async Task A_callee_with_a_bad_certificate_gets_no_call(string flaw)
    {
        await using var server = await EchoServer.StartAsync(Flawed(flaw, "echo"));
        await using var client = EchoServer.Connect(_cluster.For("friend"), [server.Endpoint]);
        var error = await Assert.ThrowsAsync<RpcException>(async () => await new Echo.EchoClient(client.Invoker).SayAsync(new Word()));
        Assert.Equal((StatusCode.Unavailable, true, 0), (error.StatusCode, NotExecuted.IsMarked(error), server.Calls));
    }

    [Fact]
    public async Task A_callee_with_another_services_name_gets_no_call()
    {
        await using var server = await EchoServer.StartAsync(_cluster.For("messages"));
        await using var client = EchoServer.Connect(_cluster.For("friend"), [server.Endpoint]);
        var error = await Assert.ThrowsAsync<RpcException>(async () => await new Echo.EchoClient(client.Invoker).SayAsync(new Word()));
        Assert.Contains("its certificate is that of \"messages\", not of \"echo\"", error.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TLS_1_2_is_refused()
    {
        await using var server = await EchoServer.StartAsync(_cluster.For("echo"));
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, server.Endpoint.Port);
        await using var tls = new SslStream(socket.GetStream());
        await Assert.ThrowsAnyAsync<Exception>(() => tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "echo",
            EnabledSslProtocols = SslProtocols.Tls12,
            ClientCertificates = [_cluster.Issue("friend")],
            RemoteCertificateValidationCallback = Anybody,
        }));
    }

    [Fact]
    public async Task A_plain_client_gets_no_answer_from_a_secured_server()
    {
        await using var server = await EchoServer.StartAsync(_cluster.For("echo"));
        await using var client = EchoServer.Connect(null, [Endpoint.Parse($"grpc://127.0.0.1:{server.Endpoint.Port}")]);
        Assert.Equal(StatusCode.Unavailable, await OutcomeAsync(new Echo.EchoClient(client.Invoker).SayAsync(new Word())));
    }

    // The test is about what the server accepts; what the client thinks of the server must not stop it.
    private static bool Anybody(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) => certificate is not null;

    private ServiceCredentials Flawed(string flaw, string service)
    {
        var now = TimeProvider.System.GetUtcNow();
        var day = TimeSpan.FromDays(1);
        return flaw switch
        {
            // Trusts the cluster, and is trusted by nobody in it.
            "another authority" => _cluster.With(_stranger.Issue(service)),
            "expired" => _cluster.Expired(service),
            "not yet in force" => _cluster.With(_cluster.Issue([service], now + day, now + 2 * day)),
            _ => _cluster.With(_cluster.Issue([], now - day, now + day, commonName: service)),
        };
    }

    private static async Task<StatusCode> OutcomeAsync(AsyncUnaryCall<Word> call)
    {
        try
        {
            await call.ResponseAsync.WaitAsync(TimeSpan.FromSeconds(20));
            return StatusCode.OK;
        }
        catch (RpcException error)
        {
            return error.StatusCode;
        }
    }
}
