using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Anywire.Messaging;

/// <summary>Mutual TLS with a broker: it proves the name <c>broker</c> with a certificate of the cluster's, we prove the service's.</summary>
internal sealed class BrokerTls(ServiceCredentials credentials)
{
    /// <summary>The name that a broker's certificate has as its DNS subject alternative name.</summary>
    public const string BrokerName = "broker";

    /// <summary>What is wrong with a broker's certificate, in words; null when nothing is.</summary>
    public string? ProblemOf(X509Certificate? certificate) =>
        certificate is not X509Certificate2 broker ? "it sent no certificate"
        // The platform would let a wildcard or a common name prove a name as well.
        : !broker.MatchesHostname(BrokerName, allowWildcards: false, allowCommonName: false)
            ? $"its certificate is that of \"{ServiceCredentials.NameOf(broker) ?? broker.Subject}\", not of \"{BrokerName}\""
        : !credentials.IsTrusted(broker) ? "its certificate is not of this cluster, or not in force"
        : null;

    /// <summary>Judges the broker's certificate, and tells what is wrong with it.</summary>
    public RemoteCertificateValidationCallback Judge(Action<string> explain) => (_, certificate, _, _) =>
    {
        var problem = ProblemOf(certificate);
        if (problem is not null)
        {
            explain(problem);
        }
        return problem is null;
    };
}
