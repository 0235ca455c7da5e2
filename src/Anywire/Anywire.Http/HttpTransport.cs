using Anywire.Http.Client;
using Anywire.Http.Server;

namespace Anywire.Http;

/// <summary>Carries calls by HTTP as people expect it: the routes of <c>google.api.http</c>, JSON or protobuf, <c>application/problem+json</c>,
/// server-sent events. <c>https://host:port</c> with mutual TLS 1.3, <c>http://host:port</c> without. The README beside this file is the mapping.
/// Any thread may use it.</summary>
public sealed class HttpTransport(HttpOptions? options = null) : ITransport
{
    internal const string WireName = "HTTP";
    internal const string Secured = "https";

    private readonly HttpOptions _options = options ?? new HttpOptions();

    /// <inheritdoc/>
    public TransportTraits Traits { get; } = new()
    {
        Name = WireName,
        Scheme = Secured,
        PlainScheme = "http",
        CallKinds = CallKinds.Unary | CallKinds.ServerStreaming,
    };

    /// <inheritdoc/>
    /// <exception cref="FormatException">The address is not of the form that the README states.</exception>
    public async Task<ITransportServer> ListenAsync(TransportServerOptions options, CancellationToken cancellationToken)
    {
        AddressCheck.RequireCredentials(options.Endpoint, Traits, options.Credentials);
        return await HttpServer.ListenAsync(options, HttpAddress.Of(options.Endpoint), _options, cancellationToken);
    }

    /// <inheritdoc/>
    /// <exception cref="FormatException">An address is not of the form that the README states, or two of them differ in codec or version.</exception>
    public ITransportClient Connect(TransportClientOptions options)
    {
        var addresses = options.Endpoints.Select(HttpAddress.Of).Distinct().ToList();
        if (addresses.Count > 1)
        {
            throw new FormatException($"The addresses of {options.Service} differ in codec or version of HTTP. Let all of them say the same.");
        }
        foreach (var endpoint in options.Endpoints)
        {
            AddressCheck.RequireCredentials(endpoint, Traits, options.Credentials);
        }
        return new HttpClientSide(options, addresses[0], _options);
    }
}
