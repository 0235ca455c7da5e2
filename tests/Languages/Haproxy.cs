using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Twite.Faults.Network;
using Twite.Processes;

namespace Twite.Languages;

/// <summary>haproxy with a file of the guide, and the certificates that it needs.</summary>
internal static class Haproxy
{
    /// <summary>Starts it; returns when it listens. The guide's files take what differs from machine to machine from the environment.</summary>
    public static async Task<RunningProgram> StartAsync(Network network, string file, string listens, params (string Name, string Value)[] environment)
    {
        // -W would fork; -db keeps it in the foreground.
        var start = RunningProgram.Redirected("/usr/sbin/haproxy", "-db", "-f", Path.Combine(Network.Root, "docs", "guides", "haproxy", file));
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }
        var proxy = network.Start(start);
        await Waiting.UntilAsync(async () =>
        {
            Assert.False(proxy.HasEnded, proxy.Log);
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPEndPoint.Parse(listens));
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        }, () => $"haproxy listens at {listens}\n{proxy.Log}");
        return proxy;
    }

    /// <summary>Makes an authority of somebody's own and a certificate by it.</summary>
    /// <returns>The folder of the certificate.</returns>
    public static async Task<string> IssueAsync(Network network, string authority, string name)
    {
        await TwiteProgram.RunAsync("keys", "--dir", network.File(authority));
        await TwiteProgram.RunAsync("keys", "issue", name, "--dir", network.File(authority));
        return Path.Combine(network.File(authority), name);
    }

    /// <summary>Certificate and key in one file, as haproxy wants them.</summary>
    public static string Joined(string folder)
    {
        var name = Path.GetFileName(folder);
        var joined = Path.Combine(folder, "both.pem");
        File.WriteAllText(joined, File.ReadAllText(Path.Combine(folder, name + ".pem")) + File.ReadAllText(Path.Combine(folder, name + ".key")));
        return joined;
    }

    /// <summary>What an HTTP client does with TLS and its own address.</summary>
    /// <param name="trusted">The folder whose authority is believed.</param>
    /// <param name="from">The address on this machine that it comes from.</param>
    /// <param name="certificate">The folder of its own certificate; none when null.</param>
    public static SocketsHttpHandler Client(string trusted, string from = "127.0.0.1", string? certificate = null)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(Path.Combine(trusted, "ca.pem"));
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(authorities);
        return new SocketsHttpHandler
        {
            UseCookies = false,
            AllowAutoRedirect = false,
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = policy,
                ClientCertificates = certificate is null ? null : [X509Certificate2.CreateFromPemFile(
                    Path.Combine(certificate, Path.GetFileName(certificate) + ".pem"), Path.Combine(certificate, Path.GetFileName(certificate) + ".key"))],
            },
            ConnectCallback = async (context, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
                await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
    }
}
