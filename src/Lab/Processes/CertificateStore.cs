using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Anywire;

namespace Twite.Lab.Processes;

/// <summary>The certificates of one comparison, in a folder that only its owner can read: <c>ca.pem</c>, and <c>NAME.pem</c> with <c>NAME.key</c>
/// for each service. Their authority's key is forgotten at once.</summary>
internal static class CertificateStore
{
    private static readonly string[] Names = ["accounts", "messages", "follows", "notifications", "web", "admin"];
    private static readonly Oid[] BothSides = [new("1.3.6.1.5.5.7.3.1"), new("1.3.6.1.5.5.7.3.2")];
    private static readonly TimeSpan Validity = TimeSpan.FromDays(2);

    /// <summary>Makes all of them.</summary>
    public static void Create(string folder, TimeProvider time)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Twite lab", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        // To the second, as certificates tell time: none may begin before its authority does, nor end after.
        var from = DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().ToUnixTimeSeconds()) - TimeSpan.FromHours(1);
        using var authority = request.CreateSelfSigned(from, from + Validity);
        File.WriteAllText(Path.Combine(folder, "ca.pem"), authority.ExportCertificatePem());
        foreach (var name in Names)
        {
            Issue(folder, name, authority, from);
        }
    }

    /// <summary>Loads what one service proves itself with.</summary>
    public static ServiceCredentials Load(string folder, string service)
    {
        var trusted = new X509Certificate2Collection();
        trusted.ImportFromPemFile(Path.Combine(folder, "ca.pem"));
        return new ServiceCredentials(
            X509Certificate2.CreateFromPemFile(Path.Combine(folder, service + ".pem"), Path.Combine(folder, service + ".key")), trusted);
    }

    private static void Issue(string folder, string name, X509Certificate2 authority, DateTimeOffset from)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. BothSides], critical: false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(authority, from, from + Validity, RandomNumberGenerator.GetBytes(16));
        File.WriteAllText(Path.Combine(folder, name + ".pem"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, name + ".key"), key.ExportPkcs8PrivateKeyPem());
    }
}
