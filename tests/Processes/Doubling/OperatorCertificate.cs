using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Twite.Processes.Doubling;

/// <summary>What the operator of a network proves itself to its broker with.</summary>
internal sealed class OperatorCertificate : IDisposable
{
    /// <summary>Who it is to the broker.</summary>
    public const string Name = "admin";

    /// <summary>Who the broker is.</summary>
    public const string Broker = "broker";

    private readonly X509Certificate2Collection _authorities = [];

    /// <summary>Reads it.</summary>
    /// <param name="network">Whose; it has been started.</param>
    public OperatorCertificate(UpNetwork network)
    {
        var folder = Path.Combine(network.Data, "keys", Name);
        Certificate = X509Certificate2.CreateFromPemFile(Path.Combine(folder, Name + ".pem"), Path.Combine(folder, Name + ".key"));
        _authorities.ImportFromPemFile(Path.Combine(folder, "ca.pem"));
    }

    /// <summary>The certificate, with its key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>The same whatever authorities a broker names.</summary>
    public X509Certificate Select(object sender, string host, X509CertificateCollection local, X509Certificate? remote, string[] issuers) => Certificate;

    /// <summary>Whether a broker is one of the network's.</summary>
    public bool Accepts(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        own.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        return certificate is X509Certificate2 broker && broker.MatchesHostname(Broker) && own.Build(broker);
    }

    public void Dispose()
    {
        Certificate.Dispose();
        foreach (var authority in _authorities)
        {
            authority.Dispose();
        }
    }
}
