using System.Security.Cryptography.X509Certificates;

namespace Anywire;

/// <summary>What a service proves itself with, and whom it believes: a certificate with its private key whose DNS subject alternative
/// name is the service's name, and the authorities of the cluster. Used for mutual TLS 1.3.</summary>
/// <param name="Certificate">The service's own certificate, with its private key.</param>
/// <param name="Authorities">The certificate authorities that peers' certificates must chain to; the system's own are never trusted.</param>
public sealed record ServiceCredentials(X509Certificate2 Certificate, X509Certificate2Collection Authorities)
{
    /// <summary>Whether a peer's certificate chains to one of the authorities and is in force. Names are checked elsewhere.</summary>
    public bool IsTrusted(X509Certificate2 peer)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(Authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(peer);
    }
}
