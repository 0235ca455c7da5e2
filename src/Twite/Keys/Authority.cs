using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Twite.Keys;

/// <summary>A cluster's certificate authority: whoever holds its key decides who belongs to the cluster. ECDSA on P-256. Immutable.</summary>
internal sealed class Authority : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private Authority(X509Certificate2 certificate) => Certificate = certificate;

    /// <summary>Its certificate, with the private key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>Its common name: what <see cref="IssuedCertificate.Issuer"/> says.</summary>
    public string Name => Certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);

    /// <summary>Makes a new one.</summary>
    public static Authority Create(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        // A name of its own, so that the authorities of a rotation can be told apart.
        var request = new CertificateRequest($"CN=Twite cluster authority {RandomNumberGenerator.GetHexString(8, lowercase: true)}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return new Authority(request.CreateSelfSigned(now - KeyLifetimes.ClockSkew, now + KeyLifetimes.Authority));
    }

    /// <summary>One that was made before.</summary>
    /// <exception cref="CryptographicException">The two do not belong together, or are no certificate and key.</exception>
    public static Authority Load(string certificatePem, string keyPem) => new(X509Certificate2.CreateFromPem(certificatePem, keyPem));

    /// <summary>Makes a certificate, with a new key, that proves a name on both sides of a connection.</summary>
    /// <param name="name">The service: the first DNS subject alternative name.</param>
    /// <param name="hosts">What it proves besides: names and IP addresses of machines.</param>
    /// <param name="now">The time.</param>
    public X509Certificate2 Issue(string name, IEnumerable<string> hosts, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication), new Oid(ClientAuthentication)], critical: false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Certificate, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        foreach (var host in hosts)
        {
            if (IPAddress.TryParse(host, out var address))
            {
                names.AddIpAddress(address);
            }
            // Also an address: Erlang, and RabbitMQ with it, compares what a node is called by with names alone.
            names.AddDnsName(host);
        }
        request.CertificateExtensions.Add(names.Build());
        var (until, end) = (now + KeyLifetimes.Certificate, new DateTimeOffset(Certificate.NotAfter.ToUniversalTime()));
        using var bare = request.Create(
            Certificate, now - KeyLifetimes.ClockSkew, until < end ? until : end, SerialNumber());
        return bare.CopyWithPrivateKey(key);
    }

    /// <inheritdoc/>
    public void Dispose() => Certificate.Dispose();

    // Positive, as the standard wants it, and impossible to guess.
    private static byte[] SerialNumber()
    {
        var number = RandomNumberGenerator.GetBytes(16);
        number[0] = (byte)((number[0] & 0x7F) | 0x40);
        return number;
    }
}
