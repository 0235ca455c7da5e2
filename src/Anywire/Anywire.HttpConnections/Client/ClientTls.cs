using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Anywire.HttpConnections.Client;

/// <summary>Mutual TLS 1.3 on the calling side: the callee's certificate must chain to the cluster's authorities and carry its service's name.</summary>
internal sealed class ClientTls(ServiceCredentials credentials, string service)
{
    private readonly SslStreamCertificateContext _certificate =
        SslStreamCertificateContext.Create(credentials.Certificate, credentials.Authorities, offline: true);

    /// <param name="explain">Takes what was wrong with the callee's certificate, in words.</param>
    public SslClientAuthenticationOptions Options(Action<string> explain) => new()
    {
        TargetHost = service,
        EnabledSslProtocols = SslProtocols.Tls13,
        ClientCertificateContext = _certificate,
        CertificateChainPolicy = credentials.ChainPolicy(),
        RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
        {
            var problem = Problem(certificate, errors);
            if (problem is not null)
            {
                explain(problem);
            }
            return problem is null;
        },
    };

    private string? Problem(X509Certificate? certificate, SslPolicyErrors errors) =>
        certificate is not X509Certificate2 peer ? "it sent no certificate"
        // The platform would let a wildcard or a common name prove a name as well.
        : !peer.MatchesHostname(service, allowWildcards: false, allowCommonName: false)
            ? $"its certificate is that of \"{ServiceCredentials.NameOf(peer) ?? peer.Subject}\", not of \"{service}\""
        : errors != SslPolicyErrors.None ? "its certificate is not of this cluster, or not in force"
        : null;
}
