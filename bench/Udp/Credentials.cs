using System.Security.Cryptography.X509Certificates;
using Anywire;

namespace Twite.Bench.Udp;

/// <summary>Takes a service's certificate and its authority to another process, as two lines.</summary>
internal static class Credentials
{
    public static string Write(ServiceCredentials credentials) =>
        $"{Convert.ToBase64String(credentials.Certificate.Export(X509ContentType.Pfx))} {Convert.ToBase64String(credentials.Authorities[0].RawData)}";

    public static ServiceCredentials Read(string line)
    {
        var parts = line.Split(' ');
        return new ServiceCredentials(
            X509CertificateLoader.LoadPkcs12(Convert.FromBase64String(parts[0]), password: null),
            [X509CertificateLoader.LoadCertificate(Convert.FromBase64String(parts[1]))]);
    }
}
