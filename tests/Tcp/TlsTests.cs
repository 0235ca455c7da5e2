using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Anywire.Certificates;
using Anywire.Tcp.Tests.Bed;
using Grpc.Core;

namespace Anywire.Tcp.Tests;

/// <summary>Who may speak over <c>tcps</c>: services of the cluster, by the name that their certificate proves.</summary>
public sealed class TlsTests
{
    [Fact]
    public async Task The_callers_name_is_the_certificates()
    {
        await using var bed = await TcpBed.OpenAsync("tcps");
        string? name = null;
        bed.Service.Before = (_, context) =>
        {
            name = Anywire.Identity.PeerIdentity.NameOf(context);
            return Task.CompletedTask;
        };
        await bed.Connect(credentials: bed.Authority.For("friend")).SayAsync(new Line(), new Metadata { { "anywire-caller", "web" } }).ResponseAsync.Soon();
        Assert.Equal("friend", name);
    }

    [Fact]
    public async Task A_foreign_an_expired_and_a_nameless_certificate_are_refused_and_told_of()
    {
        await using var bed = await TcpBed.OpenAsync("tcps");
        using var others = new TestAuthority();
        var now = TimeProvider.System.GetUtcNow();
        ServiceCredentials[] bad =
        [
            bed.Authority.With(others.Issue("tester")),
            bed.Authority.Expired("tester"),
            bed.Authority.With(bed.Authority.Issue([], now.AddDays(-1), now.AddDays(1))),
        ];
        foreach (var credentials in bad)
        {
            await Wait.FailsAsync(StatusCode.Unavailable, () => bed.Connect(credentials: credentials).SayAsync(new Line()).ResponseAsync);
        }
        await Wait.UntilAsync(() => bed.Log.Text.Split("Refused a connection").Length - 1 >= 3, "the log tells of each");
        await bed.AssertServesAsync();
    }

    [Fact]
    public async Task A_server_that_is_someone_else_is_not_called()
    {
        await using var bed = await TcpBed.OpenAsync("tcps");
        var error = await Wait.FailsAsync(StatusCode.Unavailable, () => bed.Connect(service: "messages").SayAsync(new Line()).ResponseAsync);
        Assert.True(NotExecuted.IsMarked(error));
        Assert.Contains("its certificate is that of \"echo\", not of \"messages\"", error.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_certificate_and_with_an_older_TLS_nobody_gets_in()
    {
        await using var bed = await TcpBed.OpenAsync("tcps");
        var credentials = bed.Authority.For("tester");
        await Assert.ThrowsAnyAsync<Exception>(() => SpeakAsync(bed, new SslClientAuthenticationOptions()));
        await Assert.ThrowsAnyAsync<Exception>(() => SpeakAsync(bed, new SslClientAuthenticationOptions
        {
            ClientCertificates = [credentials.Certificate],
            EnabledSslProtocols = SslProtocols.Tls12,
        }));
        await bed.AssertServesAsync();
    }

    [Fact]
    public async Task A_plain_caller_at_a_secured_port_and_the_other_way_round_are_told_so()
    {
        await using var secured = await TcpBed.OpenAsync("tcps", new TcpOptions { ConnectTimeout = TimeSpan.FromSeconds(2) });
        await using var plain = await TcpBed.OpenAsync("tcp", new TcpOptions { ConnectTimeout = TimeSpan.FromSeconds(2) });
        await Wait.FailsAsync(StatusCode.Unavailable, () => plain.Connect([Endpoint.Parse($"tcp://127.0.0.1:{secured.Endpoint.Port}")]).SayAsync(new Line()).ResponseAsync);
        await Wait.FailsAsync(StatusCode.Unavailable, () => secured.Connect([Endpoint.Parse($"tcps://127.0.0.1:{plain.Endpoint.Port}")]).SayAsync(new Line()).ResponseAsync);
        await secured.AssertServesAsync();
        await plain.AssertServesAsync();
    }

    /// <summary>Says hello over TLS and waits for the answer.</summary>
    private static async Task SpeakAsync(TcpBed bed, SslClientAuthenticationOptions options)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(System.Net.IPAddress.Loopback, bed.Endpoint.Port);
        await using var stream = new SslStream(new NetworkStream(socket));
        options.TargetHost = "echo";
        options.CertificateChainPolicy = bed.Authority.For("tester").ChainPolicy();
        await stream.AuthenticateAsClientAsync(options).Soon();
        await stream.WriteAsync(RawPeer.Bytes(RawPeer.Hello));
        await stream.ReadExactlyAsync(new byte[22]).AsTask().Soon();
    }
}
