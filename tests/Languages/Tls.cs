using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Twite.Languages;

/// <summary>How an HTTP client connects to this machine by TLS, whatever name it asks for.</summary>
internal static class Tls
{
    /// <summary>What an HTTP client does with TLS and its own address.</summary>
    /// <param name="trusted">The folder whose authority is believed.</param>
    /// <param name="from">The address on this machine that it comes from.</param>
    /// <param name="certificate">The folder of its own certificate; none when null.</param>
    /// <param name="versions">The versions of TLS that it speaks.</param>
    public static SocketsHttpHandler Client(
        string trusted, string from = "127.0.0.1", string? certificate = null, SslProtocols versions = SslProtocols.None)
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
                EnabledSslProtocols = versions,
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
