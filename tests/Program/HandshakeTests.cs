using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Anywire;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Twite.Hosting;
using Twite.Topologies;

namespace Twite.ProgramTests;

/// <summary>A service with the keys that <c>twite keys</c> makes, and who knocks. The transport's own suite (tests/Grpc) has the other ways of being
/// refused.</summary>
public sealed class HandshakeTests : IDisposable
{
    private readonly CommandLine _twite = new();

    [Theory]
    [InlineData("no certificate", "it sent no certificate")]
    [InlineData("of another cluster", "not of this cluster")]
    [InlineData("TLS 1.2", null)]
    [InlineData("a service's own", null)]
    public async Task Only_who_has_a_key_of_the_cluster_gets_in(string who, string? logged)
    {
        var (keys, others) = (_twite.PathOf("keys"), _twite.PathOf("others"));
        await _twite.RunAsync("keys", "--dir", keys);
        await _twite.RunAsync("keys", "--dir", others);
        var port = UnusedPorts.Find();
        using var log = new KeptLog();
        await using var host = await TwiteHost.StartAsync(Options(keys, port, log), CancellationToken.None);

        var credentials = who switch
        {
            "no certificate" => null,
            "of another cluster" => CertificateFolder.Load(others, "web"),
            _ => CertificateFolder.Load(keys, "web"),
        };
        var error = await Record.ExceptionAsync(() => KnockAsync(port, credentials, who == "TLS 1.2" ? SslProtocols.Tls12 : SslProtocols.Tls13));
        Assert.True((error is null) == (who == "a service's own"), $"{who}: {error}");
        if (logged is not null)
        {
            await RunningProgram.UntilAsync(() => Task.FromResult(log.Lines.Any(l => l.Contains(logged, StringComparison.Ordinal))), "the reason is in the log");
        }
    }

    public void Dispose() => _twite.Dispose();

    private TwiteHostOptions Options(string keys, int port, KeptLog log) => new()
    {
        Topology = TopologyFile.Parse(
            $$"""
            { "services": {
              "accounts": { "listen": ["grpcs://127.0.0.1:1"] }, "messages": { "listen": ["grpcs://127.0.0.1:2"] }, "notifications": { "listen": ["grpcs://127.0.0.1:3"] },
              "web": { "listen": ["grpcs://127.0.0.1:4"] }, "follows": { "listen": ["grpcs://127.0.0.1:{{port}}"] } } }
            """, "test.json"),
        Services = ["follows"],
        DataDirectory = _twite.Data,
        CertificateDirectory = keys,
        Configuration = new ConfigurationBuilder().Build(),
        Loggers = new LoggerFactory([log]),
    };

    // Says hello as HTTP/2 does; whoever is let in is answered.
    private static async Task KnockAsync(int port, ServiceCredentials? credentials, SslProtocols protocol)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, port);
        await using var tls = new SslStream(socket.GetStream(), leaveInnerStreamOpen: false, (_, certificate, _, _) => certificate is not null);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "follows",
                EnabledSslProtocols = protocol,
                ApplicationProtocols = [SslApplicationProtocol.Http2],
                ClientCertificateContext = credentials is null ? null : SslStreamCertificateContext.Create(credentials.Certificate, credentials.Authorities, offline: true),
            },
            patience.Token);
        var emptySettings = new byte[] { 0, 0, 0, 4, 0, 0, 0, 0, 0 };
        await tls.WriteAsync((byte[])[.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. emptySettings], patience.Token);
        if (await tls.ReadAsync(new byte[16], patience.Token) == 0)
        {
            throw new IOException("The connection was closed.");
        }
    }
}
