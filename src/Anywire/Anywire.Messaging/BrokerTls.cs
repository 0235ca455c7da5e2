using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Anywire.Messaging;

/// <summary>Mutual TLS with a broker: it proves the name <c>broker</c> with a certificate of the cluster's, we prove the service's.</summary>
/// <param name="credentials">The service's.</param>
/// <param name="explain">Takes what was wrong with the broker's certificate, in words.</param>
internal sealed class BrokerTls(ServiceCredentials credentials, Action<string> explain)
{
    /// <summary>The name that a broker's certificate has as its DNS subject alternative name.</summary>
    public const string BrokerName = "broker";

    /// <summary>The versions that are good enough: brokers lag behind.</summary>
    public const SslProtocols Versions = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>Whether a broker's certificate is what it should be; explains what is not.</summary>
    public bool Accepts(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        var problem = certificate is not X509Certificate2 broker ? "it sent no certificate"
            // The platform would let a wildcard or a common name prove a name as well.
            : !broker.MatchesHostname(BrokerName, allowWildcards: false, allowCommonName: false)
                ? $"its certificate is that of \"{ServiceCredentials.NameOf(broker) ?? broker.Subject}\", not of \"{BrokerName}\""
            : !credentials.IsTrusted(broker) ? "its certificate is not of this cluster, or not in force"
            : null;
        if (problem is not null)
        {
            explain(problem);
        }
        return problem is null;
    }

    /// <summary>The service's own certificate, whatever authorities a broker names: the platform offers none that it does not know from the system's.</summary>
    public X509Certificate Select(object sender, string host, X509CertificateCollection local, X509Certificate? remote, string[] issuers) => credentials.Certificate;

    /// <summary>Sets up the calling side.</summary>
    public void Configure(SslClientAuthenticationOptions options)
    {
        options.TargetHost = BrokerName;
        options.EnabledSslProtocols = Versions;
        options.ClientCertificates = [credentials.Certificate];
        options.LocalCertificateSelectionCallback = Select;
        options.RemoteCertificateValidationCallback = Accepts;
    }
}
