using System.Security.Cryptography.X509Certificates;
using Anywire.Certificates;

namespace Anywire.Brokers;

/// <summary>What a broker proves itself with, in files as brokers want them.</summary>
internal static class BrokerCertificate
{
    /// <summary>Writes <c>ca.pem</c>, <c>broker.pem</c> and <c>broker.key</c>.</summary>
    public static async Task WriteAsync(TestAuthority authority, string directory)
    {
        var credentials = authority.For("broker");
        using var key = credentials.Certificate.GetECDsaPrivateKey()!;
        await File.WriteAllTextAsync(Path.Combine(directory, "ca.pem"), string.Concat(credentials.Authorities.Select(a => a.ExportCertificatePem() + "\n")));
        await File.WriteAllTextAsync(Path.Combine(directory, "broker.pem"), credentials.Certificate.ExportCertificatePem() + "\n");
        await File.WriteAllTextAsync(Path.Combine(directory, "broker.key"), key.ExportPkcs8PrivateKeyPem() + "\n");
    }
}
