using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.WebUtilities;

namespace Anywire.Http;

/// <summary>What an address says besides host and port: <c>?codec=json|protobuf</c> picks what a client sends and asks for,
/// <c>?http=1.1|2</c> the version of HTTP. Immutable.</summary>
/// <param name="IsProtobuf">Whether a client speaks protobuf. Default: JSON. A server speaks both.</param>
/// <param name="Version">The version a client speaks. Default: 2 with TLS, 1.1 without. A server with TLS speaks both.</param>
internal sealed record HttpAddress(bool IsProtobuf, Version Version)
{
    /// <exception cref="FormatException">The address names no host and port, or says something else.</exception>
    public static HttpAddress Of(Endpoint endpoint)
    {
        // A URI has a scheme's own port when it names none; a service has none.
        if (endpoint.Host.Length == 0 || (endpoint.Uri.IsDefaultPort && !NamesPort(endpoint)))
        {
            throw AddressCheck.NoHostAndPort(endpoint);
        }
        if (endpoint.Path is not ("" or "/"))
        {
            throw new FormatException($"\"{endpoint}\" has a path. Paths are the contracts' to say: write {endpoint.Scheme}://host:port.");
        }
        var address = new HttpAddress(false, IsSecured(endpoint) ? new Version(2, 0) : new Version(1, 1));
        foreach (var (key, value) in QueryHelpers.ParseQuery(endpoint.Uri.Query))
        {
            address = (key, value.ToString()) switch
            {
                ("codec", "json") => address with { IsProtobuf = false },
                ("codec", "protobuf") => address with { IsProtobuf = true },
                ("http", "1.1") => address with { Version = new Version(1, 1) },
                ("http", "2") => address with { Version = new Version(2, 0) },
                _ => throw new FormatException($"\"{endpoint}\" says \"{key}={value}\"; an address may say codec=json, codec=protobuf, http=1.1 or http=2."),
            };
        }
        return address;
    }

    public static bool IsSecured(Endpoint endpoint) => endpoint.Scheme == HttpTransport.Secured;

    /// <summary>What a listener speaks. Without TLS nobody could agree on a version, so it is the address's.</summary>
    public HttpProtocols Protocols(Endpoint endpoint) =>
        IsSecured(endpoint) ? HttpProtocols.Http1AndHttp2 : Version.Major == 2 ? HttpProtocols.Http2 : HttpProtocols.Http1;

    private static bool NamesPort(Endpoint endpoint) =>
        endpoint.Uri.OriginalString.Contains($":{endpoint.Port}", StringComparison.Ordinal);
}
