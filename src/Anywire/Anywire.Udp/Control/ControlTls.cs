using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Anywire.Udp.Control;

/// <summary>Mutual TLS 1.3 on the control connection: both sides prove to be services of the cluster.</summary>
internal sealed class ControlTls(ServiceCredentials credentials)
{
    private static readonly SslApplicationProtocol Protocol = new("anywire-udp/1");

    private readonly SslStreamCertificateContext _certificate =
        SslStreamCertificateContext.Create(credentials.Certificate, credentials.Authorities, offline: true);

    /// <summary>The name in our own certificate.</summary>
    public string OwnName { get; } = ServiceCredentials.NameOf(credentials.Certificate) ?? "";

    /// <param name="explain">Takes what was wrong with the caller's certificate, in words.</param>
    public SslServerAuthenticationOptions Server(Action<string> explain) => new()
    {
        ServerCertificateContext = _certificate,
        EnabledSslProtocols = SslProtocols.Tls13,
        ApplicationProtocols = [Protocol],
        ClientCertificateRequired = true,
        CertificateChainPolicy = credentials.ChainPolicy(),
        // A resumed session would be believed without looking at the certificate's dates again.
        AllowTlsResume = false,
        RemoteCertificateValidationCallback = (_, certificate, _, errors) => Accept(ProblemOfCaller(certificate, errors), explain),
    };

    /// <param name="service">The name that the handler's certificate must prove.</param>
    /// <param name="explain">Takes what was wrong with it, in words.</param>
    public SslClientAuthenticationOptions Client(string service, Action<string> explain) => new()
    {
        TargetHost = service,
        EnabledSslProtocols = SslProtocols.Tls13,
        ApplicationProtocols = [Protocol],
        ClientCertificateContext = _certificate,
        CertificateChainPolicy = credentials.ChainPolicy(),
        AllowTlsResume = false,
        RemoteCertificateValidationCallback = (_, certificate, _, errors) => Accept(ProblemOfHandler(service, certificate, errors), explain),
    };

    private static bool Accept(string? problem, Action<string> explain)
    {
        if (problem is not null)
        {
            explain(problem);
        }
        return problem is null;
    }

    private static string? ProblemOfCaller(X509Certificate? certificate, SslPolicyErrors errors) =>
        certificate is not X509Certificate2 peer ? "it sent no certificate"
        : errors != SslPolicyErrors.None ? "its certificate is not of this cluster, or not in force"
        : ServiceCredentials.NameOf(peer) is null ? "its certificate names no service (it has no DNS subject alternative name)"
        : null;

    private static string? ProblemOfHandler(string service, X509Certificate? certificate, SslPolicyErrors errors) =>
        certificate is not X509Certificate2 peer ? "it sent no certificate"
        // The platform would let a wildcard or a common name prove a name as well.
        : !peer.MatchesHostname(service, allowWildcards: false, allowCommonName: false)
            ? $"its certificate is that of \"{ServiceCredentials.NameOf(peer) ?? peer.Subject}\", not of \"{service}\""
        : errors != SslPolicyErrors.None ? "its certificate is not of this cluster, or not in force"
        : null;
}
