using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Anywire.Identity;

/// <summary>Mutual TLS 1.3 (RFC 8446) between two services: each proves its name with a certificate of the cluster's. Immutable; any thread.</summary>
/// <param name="credentials">This side's.</param>
/// <exception cref="PlatformNotSupportedException">This system has no TLS 1.3; the message says what to do.</exception>
public sealed class MutualTls(ServiceCredentials credentials)
{
    private readonly SslStreamCertificateContext _certificate = CertificateContext(credentials, OperatingSystem.IsMacOS());

    /// <summary>The name that this side proves; empty when its certificate has none.</summary>
    public string OwnName { get; } = ServiceCredentials.NameOf(credentials.Certificate) ?? "";

    /// <summary>The calling side of one connection: the callee's certificate must chain to the cluster's authorities and carry its service's name.</summary>
    /// <param name="service">The callee's name.</param>
    /// <param name="explain">Takes what was wrong with its certificate, in words.</param>
    public SslClientAuthenticationOptions Client(string service, Action<string> explain) => new()
    {
        TargetHost = service,
        EnabledSslProtocols = SslProtocols.Tls13,
        ClientCertificateContext = _certificate,
        CertificateChainPolicy = credentials.ChainPolicy(),
        AllowTlsResume = false,
        RemoteCertificateValidationCallback = (_, certificate, _, errors) => Says(ProblemOfCallee(certificate, service, errors), explain),
    };

    /// <summary>The listening side of one connection: whoever cannot prove to be a service of the cluster gets no further than the handshake.</summary>
    /// <param name="named">Takes the caller's name once it is proved: read here, once, and not from the certificate with each call.</param>
    /// <param name="explain">Takes what was wrong with its certificate, in words.</param>
    public SslServerAuthenticationOptions Server(Action<string> named, Action<string> explain) => new()
    {
        ServerCertificateContext = _certificate,
        EnabledSslProtocols = SslProtocols.Tls13,
        ClientCertificateRequired = true,
        CertificateChainPolicy = credentials.ChainPolicy(),
        // A resumed session would be believed without looking at the certificate's dates again.
        AllowTlsResume = false,
        RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
        {
            var name = certificate is X509Certificate2 peer ? ServiceCredentials.NameOf(peer) : null;
            if (!Says(ProblemOfCaller(certificate, name, errors), explain))
            {
                return false;
            }
            named(name!);
            return true;
        },
    };

    /// <summary>What one side proves itself with, where it can.</summary>
    /// <param name="credentials">The side's.</param>
    /// <param name="isMacOS">Whether this system is macOS, whose TLS knows no 1.3 for who listens: each handshake would fail, and say only that a protocol is not supported.</param>
    internal static SslStreamCertificateContext CertificateContext(ServiceCredentials credentials, bool isMacOS) => isMacOS
        ? throw new PlatformNotSupportedException(
            $"{ServiceCredentials.NameOf(credentials.Certificate) ?? "A service"} cannot secure its connections on macOS: https:, grpcs:, tcps: and udps: between services need TLS 1.3, which .NET does not have there. Run the services on Linux, in a container for instance, or all of them in one process.")
        : SslStreamCertificateContext.Create(credentials.Certificate, credentials.Authorities, offline: true);

    private static bool Says(string? problem, Action<string> explain)
    {
        if (problem is not null)
        {
            explain(problem);
        }
        return problem is null;
    }

    private static string? ProblemOfCallee(X509Certificate? certificate, string service, SslPolicyErrors errors) =>
        certificate is not X509Certificate2 peer ? "it sent no certificate"
        // The platform would let a wildcard or a common name prove a name as well.
        : !peer.MatchesHostname(service, allowWildcards: false, allowCommonName: false)
            ? $"its certificate is that of \"{ServiceCredentials.NameOf(peer) ?? peer.Subject}\", not of \"{service}\""
        : errors != SslPolicyErrors.None ? "its certificate is not of this cluster, or not in force"
        : null;

    private static string? ProblemOfCaller(X509Certificate? certificate, string? name, SslPolicyErrors errors) =>
        certificate is null ? "it sent no certificate"
        : errors != SslPolicyErrors.None ? "its certificate is not of this cluster, or not in force"
        : name is null ? "its certificate names no service (it has no DNS subject alternative name)"
        : null;
}
