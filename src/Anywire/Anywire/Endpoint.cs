using System.Diagnostics.CodeAnalysis;

namespace Anywire;

/// <summary>An address of a service: a URI (RFC 3986) whose scheme names the wire, such as <c>grpcs://host:5142</c> or
/// <c>inproc:accounts</c>. Immutable; equal when the URIs are.</summary>
public sealed record Endpoint
{
    private Endpoint(Uri uri) => Uri = uri;

    /// <summary>The address as a URI; always absolute.</summary>
    public Uri Uri { get; }

    /// <summary>The wire, in lower case.</summary>
    public string Scheme => Uri.Scheme;

    /// <summary>The host, empty for a wire that has none (<c>inproc:</c>).</summary>
    public string Host => Uri.Host;

    /// <summary>The port; -1 when the address has none, 0 asks a server for any free one.</summary>
    public int Port => Uri.Port;

    /// <summary>What follows the scheme of an address without a host: the name in <c>inproc:accounts</c>.</summary>
    public string Path => Uri.AbsolutePath;

    /// <summary>Parses an address.</summary>
    /// <exception cref="FormatException">It is no absolute URI; the message says what one looks like.</exception>
    public static Endpoint Parse(string address) =>
        TryParse(address, out var endpoint)
            ? endpoint
            : throw new FormatException($"\"{address}\" is not an address. An address is a URI such as grpcs://host:port or inproc:name.");

    /// <summary>Parses an address; false when it is no absolute URI.</summary>
    public static bool TryParse([NotNullWhen(true)] string? address, [NotNullWhen(true)] out Endpoint? endpoint)
    {
        // On Unix a leading slash would parse as file://, which nobody means here.
        endpoint = !string.IsNullOrWhiteSpace(address) && address[0] != '/'
            && Uri.TryCreate(address, UriKind.Absolute, out var uri)
            // "grpcs://" names nobody.
            && (uri.Host.Length > 0 || !address.Contains("://", StringComparison.Ordinal)) ? new Endpoint(uri) : null;
        return endpoint is not null;
    }

    /// <summary>The same address with another port: what a server that was asked for any free one really has.</summary>
    public Endpoint WithPort(int port) => new(new UriBuilder(Uri) { Port = port }.Uri);

    /// <summary>The address as it is written in a topology.</summary>
    public override string ToString() => Uri.OriginalString.TrimEnd('/');
}
