using System.Security.Cryptography.X509Certificates;

namespace Anywire;

/// <summary>What a service proves itself with, and whom it believes: a certificate with its private key whose DNS subject alternative
/// name is the service's name, and the authorities of the cluster. Used for mutual TLS 1.3.</summary>
/// <param name="Certificate">The service's own certificate, with its private key.</param>
/// <param name="Authorities">The certificate authorities that peers' certificates must chain to; the system's own are never trusted.</param>
public sealed record ServiceCredentials(X509Certificate2 Certificate, X509Certificate2Collection Authorities)
{
    /// <summary>What its messages are sealed with where a broker stands between it and its peers; null when it talks over no broker.</summary>
    public MessageKeys? MessageKeys { get; init; }

    /// <summary>How a peer's certificate is checked in a TLS handshake: as <see cref="IsTrusted"/> does. Names are checked elsewhere.</summary>
    public X509ChainPolicy ChainPolicy()
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            // A stranger's certificate must not make us fetch an address it names.
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(Authorities);
        return policy;
    }

    /// <summary>Whether a peer's certificate chains to one of the authorities and is in force.</summary>
    public bool IsTrusted(X509Certificate2 peer)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy = ChainPolicy();
        return chain.Build(peer);
    }

    /// <summary>The service a certificate names: its first DNS subject alternative name; null when it has none. The common name proves nothing.</summary>
    public static string? NameOf(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault()?.EnumerateDnsNames().FirstOrDefault();
}
