using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Anywire;
using Twite.Topologies;

namespace Twite.Hosting;

/// <summary>A folder of certificates: <c>ca.pem</c> with the cluster's authorities, and <c>NAME.pem</c> with <c>NAME.key</c> for each service
/// that this process runs or calls as.</summary>
internal static class CertificateFolder
{
    /// <summary>Loads what one service proves itself with.</summary>
    /// <param name="folder">The folder; null when none was given.</param>
    /// <param name="service">The service.</param>
    /// <exception cref="TopologyException">No folder was given, a file is missing, or one cannot be used.</exception>
    public static ServiceCredentials Load(string? folder, string service)
    {
        if (folder is null)
        {
            throw new TopologyException(
                $"This topology has secured addresses, so {service} needs a certificate: give the folder that holds ca.pem, {service}.pem and {service}.key with --certificates DIR.");
        }
        var (authorities, certificate, key) = (
            Path.Combine(folder, "ca.pem"), Path.Combine(folder, service + ".pem"), Path.Combine(folder, service + ".key"));
        if (new[] { authorities, certificate, key }.FirstOrDefault(f => !File.Exists(f)) is { } missing)
        {
            throw new TopologyException($"The certificate file {missing} does not exist; --certificates DIR needs ca.pem, {service}.pem and {service}.key.");
        }
        try
        {
            var trusted = new X509Certificate2Collection();
            trusted.ImportFromPemFile(authorities);
            return new ServiceCredentials(X509Certificate2.CreateFromPemFile(certificate, key), trusted);
        }
        catch (Exception error) when (error is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new TopologyException($"The certificate of {service} in {folder} cannot be used: {error.Message}", error);
        }
    }
}
