using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Anywire;
using Twite.Keys;
using Twite.Topologies;

namespace Twite.Hosting;

/// <summary>A folder of certificates: <c>ca.pem</c> with the cluster's authorities, and <c>NAME.pem</c> with <c>NAME.key</c> for each service
/// that this process runs or calls as; or, as <c>twite keys</c> makes them, a folder <c>NAME</c> with these three for each. Beside them is
/// <c>message-keys.json</c>, which is needed where messages go through a broker.</summary>
internal static class CertificateFolder
{
    // Two files cannot be replaced as one: who read one old and one new finds both new in a moment.
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    /// <summary>Loads what one service proves itself with.</summary>
    /// <param name="given">The folder; null when none was given.</param>
    /// <param name="service">The service.</param>
    /// <param name="overBroker">Whether its messages go through a broker.</param>
    /// <exception cref="TopologyException">No folder was given, a file is missing, or one cannot be used.</exception>
    public static ServiceCredentials Load(string? given, string service, bool overBroker = false)
    {
        if (given is null)
        {
            throw new TopologyException(
                $"This topology has secured addresses, so {service} needs a certificate: make one with twite keys --dir DIR, and give the folder with --certificates DIR.");
        }
        var folder = KeyFolder.Of(given, service);
        var (authorities, certificate, key) = (
            Path.Combine(folder, "ca.pem"), Path.Combine(folder, service + ".pem"), Path.Combine(folder, service + ".key"));
        if (new[] { authorities, certificate, key }.FirstOrDefault(f => !File.Exists(f)) is { } missing)
        {
            throw new TopologyException($"The certificate file {missing} does not exist; --certificates DIR needs ca.pem, {service}.pem and {service}.key. Make them with twite keys --dir DIR.");
        }
        var messageKeys = MessageKeysIn(folder, service);
        if (overBroker && messageKeys is null)
        {
            throw new TopologyException(
                $"{service} talks through a broker, which needs keys for its messages, and {MessageKeyFile.PathIn(folder)} does not exist. Make it with twite keys --dir DIR.");
        }
        var started = TimeProvider.System.GetTimestamp();
        var pause = default(SpinWait);
        while (true)
        {
            try
            {
                var trusted = new X509Certificate2Collection();
                trusted.ImportFromPemFile(authorities);
                return new ServiceCredentials(ForTls(X509Certificate2.CreateFromPemFile(certificate, key), OperatingSystem.IsWindows()), trusted) { MessageKeys = messageKeys };
            }
            catch (Exception error) when (error is CryptographicException or ArgumentException && TimeProvider.System.GetElapsedTime(started) < Moment)
            {
                pause.SpinOnce();
            }
            catch (Exception error) when (error is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
            {
                throw new TopologyException($"The certificate of {service} in {folder} cannot be used: {error.Message}", error);
            }
        }
    }

    /// <summary>A certificate whose key the system's TLS takes: that of Windows takes none that is in memory alone, as one read from PEM is.</summary>
    /// <param name="read">The certificate as it was read; disposed when the result is another.</param>
    /// <param name="isWindows">Whether this system is Windows.</param>
    internal static X509Certificate2 ForTls(X509Certificate2 read, bool isWindows)
    {
        if (!isWindows)
        {
            return read;
        }
        using (read)
        {
            return X509CertificateLoader.LoadPkcs12(read.Export(X509ContentType.Pkcs12), password: null);
        }
    }

    private static MessageKeys? MessageKeysIn(string folder, string service)
    {
        try
        {
            var file = MessageKeyFile.Read(folder);
            // In a folder that several services share the file can be that of one alone, who does not know itself.
            return file is null || file.Peers.ContainsKey(service) ? null : file.ToKeys();
        }
        catch (Exception error) when (error is FormatException or IOException or UnauthorizedAccessException)
        {
            throw new TopologyException($"The message keys of {service} cannot be used: {error.Message.TrimEnd('.')}. Make them anew with twite keys --dir DIR.", error);
        }
    }
}
