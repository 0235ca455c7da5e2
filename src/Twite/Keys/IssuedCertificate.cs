using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Anywire;

namespace Twite.Keys;

/// <summary>One service's files as they are: <c>ca.pem</c>, <c>NAME.pem</c>, <c>NAME.key</c>. Immutable.</summary>
/// <param name="Name">The service.</param>
/// <param name="Issuer">The common name of who issued the certificate; empty when there is none.</param>
/// <param name="From">When it comes into force.</param>
/// <param name="Until">When it goes out of force.</param>
/// <param name="Problem">What is wrong with it, in people's words; null when nothing is.</param>
internal sealed record IssuedCertificate(string Name, string Issuer, DateTimeOffset From, DateTimeOffset Until, string? Problem)
{
    /// <summary>What it proves besides its name: names and IP addresses of machines.</summary>
    public ImmutableArray<string> Hosts { get; init; } = [];

    /// <summary>Reads and judges the files.</summary>
    /// <param name="folder">The folder that holds them.</param>
    /// <param name="name">The service.</param>
    /// <param name="now">The time to judge by.</param>
    public static IssuedCertificate Read(string folder, string name, DateTimeOffset now)
    {
        var (authorities, certificate, key) = (Path.Combine(folder, "ca.pem"), Path.Combine(folder, name + ".pem"), Path.Combine(folder, name + ".key"));
        if (new[] { authorities, certificate, key }.FirstOrDefault(f => !File.Exists(f)) is { } missing)
        {
            return new IssuedCertificate(name, "", default, default, $"{missing} is missing");
        }
        try
        {
            var trusted = new X509Certificate2Collection();
            trusted.ImportFromPemFile(authorities);
            using var own = X509Certificate2.CreateFromPemFile(certificate, key);
            return new IssuedCertificate(
                name, own.GetNameInfo(X509NameType.SimpleName, forIssuer: true), Utc(own.NotBefore), Utc(own.NotAfter), Judge(name, own, trusted, now)) { Hosts = HostsOf(own) };
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            return new IssuedCertificate(name, "", default, default, $"{certificate} and {key} cannot be used: {error.Message}");
        }
    }

    private static ImmutableArray<string> HostsOf(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault() is { } names
            ? [.. names.EnumerateDnsNames().Skip(1)]
            : [];

    private static string? Judge(string name, X509Certificate2 own, X509Certificate2Collection trusted, DateTimeOffset now)
    {
        if (ServiceCredentials.NameOf(own) is var proved && proved != name)
        {
            return $"it proves the name \"{proved}\"";
        }
        if (Utc(own.NotAfter) <= now)
        {
            return "it has expired";
        }
        if (Utc(own.NotBefore) > now)
        {
            return $"it is not in force before {Utc(own.NotBefore):yyyy-MM-dd HH:mm} UTC: is this machine's clock right?";
        }
        using var chain = new X509Chain();
        chain.ChainPolicy = new ServiceCredentials(own, trusted).ChainPolicy();
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        return chain.Build(own) ? null : "none of the authorities in its ca.pem issued it";
    }

    private static DateTimeOffset Utc(DateTime local) => new(local.ToUniversalTime());
}
