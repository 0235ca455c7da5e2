using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Anywire.Identity;

namespace Anywire.Tests;

public sealed class MutualTlsTests
{
    [Fact]
    public void Where_there_is_no_TLS_1_3_it_is_refused_at_once_and_not_at_each_handshake()
    {
        using var certificate = Issue("accounts");
        var error = Assert.Throws<PlatformNotSupportedException>(() => MutualTls.CertificateContext(new ServiceCredentials(certificate, []), isMacOS: true));
        Assert.All(["accounts", "macOS", "TLS 1.3", "tcps:", "Linux"], part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Elsewhere_a_service_proves_itself_with_its_certificate()
    {
        using var certificate = Issue("accounts");
        Assert.Same(certificate, MutualTls.CertificateContext(new ServiceCredentials(certificate, []), isMacOS: false).TargetCertificate);
    }

    private static X509Certificate2 Issue(string service)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + service, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(service);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddHours(-1), now.AddHours(1));
    }
}
