using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Anywire.Identity;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace Anywire.HttpConnections.Server;

/// <summary>Mutual TLS 1.3 on the listening side: whoever cannot prove to be a service of the cluster gets no further than the handshake.</summary>
internal sealed class ServerTls(ServiceCredentials credentials, HttpProtocols protocols, ILogger logger)
{
    private readonly SslStreamCertificateContext _certificate =
        SslStreamCertificateContext.Create(credentials.Certificate, credentials.Authorities, offline: true);

    public TlsHandshakeCallbackOptions Options() => new()
    {
        OnConnection = context => ValueTask.FromResult(For(context.Connection)),
        HandshakeTimeout = TimeSpan.FromSeconds(5),
    };

    private SslServerAuthenticationOptions For(BaseConnectionContext connection) => new()
    {
        ServerCertificateContext = _certificate,
        EnabledSslProtocols = SslProtocols.Tls13,
        ApplicationProtocols = protocols == HttpProtocols.Http2 ? [SslApplicationProtocol.Http2] : [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
        ClientCertificateRequired = true,
        CertificateChainPolicy = credentials.ChainPolicy(),
        // A resumed session would be believed without looking at the certificate's dates again.
        AllowTlsResume = false,
        RemoteCertificateValidationCallback = (_, certificate, _, errors) => Accept(connection, certificate, errors),
    };

    private bool Accept(BaseConnectionContext connection, X509Certificate? certificate, SslPolicyErrors errors)
    {
        var name = certificate is X509Certificate2 peer ? ServiceCredentials.NameOf(peer) : null;
        var problem = certificate is null ? "it sent no certificate"
            : errors != SslPolicyErrors.None ? "its certificate is not of this cluster, or not in force"
            : name is null ? "its certificate names no service (it has no DNS subject alternative name)"
            : null;
        if (problem is not null)
        {
            logger.PeerRefused(connection.RemoteEndPoint?.ToString() ?? "an unknown address", problem);
            return false;
        }
        // Read here, once, and not from the certificate with each call.
        connection.Items[PeerIdentity.ProvedNameKey] = name;
        return true;
    }
}
