using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using NSec.Cryptography;

namespace Anywire.Certificates;

/// <summary>A certificate authority of a test's own, in memory: makes what <c>twite keys</c> will make for a cluster, and what a stranger
/// or a careless operator would bring. Two instances do not trust each other.</summary>
public sealed class TestAuthority : IDisposable
{
    private static readonly TimeSpan Validity = TimeSpan.FromDays(2);

    /// <summary>Those who have each other's public keys.</summary>
    public static readonly ImmutableArray<string> Names =
    [
        "service", "tester", "other", "passing-by", "alice", "bob", "friend", "ally", "stranger", "echo",
        "accounts", "messages", "follows", "notifications", "web", "admin",
    ];

    private readonly byte[] _seed = RandomNumberGenerator.GetBytes(32);
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _root;

    public TestAuthority()
    {
        var request = new CertificateRequest("CN=Test authority", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        var now = TimeProvider.System.GetUtcNow();
        // Older than anything it signs, so that an expired certificate fails for its own date.
        _root = request.CreateSelfSigned(now - 10 * Validity, now + 10 * Validity);
    }

    /// <summary>What a service runs with: its certificate, and trust in this authority alone.</summary>
    public ServiceCredentials For(string service) => With(Issue(service)) with { MessageKeys = KeysOf(service) };

    /// <summary>What a service seals its messages with over a broker; of generation <paramref name="current"/>, and it understands those of all that are given.</summary>
    public MessageKeys KeysOf(string service, uint current = 1, params IReadOnlyList<uint> others)
    {
        var numbers = others.Append(current).Distinct().ToList();
        return new MessageKeys(
            current,
            numbers.ToImmutableDictionary(n => n, n => (ReadOnlyMemory<byte>)PrivateKey(service, n)),
            Names.ToImmutableDictionary(name => name, name => numbers.ToImmutableDictionary(n => n, n => (ReadOnlyMemory<byte>)PublicKeyOf(PrivateKey(name, n)))));
    }

    /// <summary>As <see cref="For"/>, with a certificate that went out of force an hour ago.</summary>
    public ServiceCredentials Expired(string service)
    {
        var now = TimeProvider.System.GetUtcNow();
        return With(Issue([service], now - Validity, now - TimeSpan.FromHours(1)));
    }

    /// <summary>Trust in this authority with any certificate, such as one of another authority.</summary>
    public ServiceCredentials With(X509Certificate2 certificate) =>
        new(certificate, [X509CertificateLoader.LoadCertificate(_root.RawData)]);

    /// <summary>A certificate with its private key whose DNS subject alternative name is the service's name.</summary>
    public X509Certificate2 Issue(string service)
    {
        var now = TimeProvider.System.GetUtcNow();
        return Issue([service], now - TimeSpan.FromHours(1), now + Validity, service);
    }

    private byte[] PrivateKey(string service, uint number) => HMACSHA256.HashData(_seed, Encoding.UTF8.GetBytes($"{number} {service}"));

    private static byte[] PublicKeyOf(byte[] privateKey)
    {
        using var key = NSec.Cryptography.Key.Import(KeyAgreementAlgorithm.X25519, privateKey, KeyBlobFormat.RawPrivateKey);
        return key.PublicKey.Export(KeyBlobFormat.RawPublicKey);
    }

    /// <summary>A certificate with its private key. Without DNS names it has only a common name, which proves nothing.</summary>
    public X509Certificate2 Issue(IReadOnlyList<string> dnsNames, DateTimeOffset from, DateTimeOffset until, string commonName = "service")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={commonName}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        // Server and client authentication: each service is both.
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], critical: false));
        if (dnsNames.Count > 0)
        {
            var names = new SubjectAlternativeNameBuilder();
            foreach (var name in dnsNames)
            {
                names.AddDnsName(name);
            }
            request.CertificateExtensions.Add(names.Build());
        }
        using var bare = request.Create(_root, from, until, RandomNumberGenerator.GetBytes(16));
        using var complete = bare.CopyWithPrivateKey(key);
        // TLS on Windows wants a key that was loaded, not one made in memory.
        return X509CertificateLoader.LoadPkcs12(complete.Export(X509ContentType.Pfx), password: null);
    }

    public void Dispose()
    {
        _root.Dispose();
        _key.Dispose();
    }
}
