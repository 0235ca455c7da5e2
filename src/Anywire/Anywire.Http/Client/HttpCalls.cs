using System.Collections.Frozen;
using System.Collections.Immutable;
using Anywire.Http.Json;
using Anywire.Http.Mapping;
using Grpc.Core;

namespace Anywire.Http.Client;

/// <summary>What all calls of one service share. Immutable; any thread may use it.</summary>
internal sealed record HttpCalls
{
    private readonly FrozenDictionary<string, ImmutableArray<RestRoute>> _routes;

    public HttpCalls(TransportClientOptions options, HttpAddress address, HttpMessageInvoker http)
    {
        (Contracts, Time, IsProtobuf, Version, Http) = (options.Contracts, options.Time, address.IsProtobuf, address.Version, http);
        // The service's name is the authority, whatever the address: TLS then asks for that name, and certificates need no host names.
        Origin = $"{options.Endpoints[0].Scheme}://{options.Service}";
        // A newer server may say more than we know.
        Codec = new JsonCodec(new JsonCodecOptions { IgnoreUnknownFields = true, Types = KnownTypes.Of(options.Contracts) });
        Problems = new Problems(Codec);
        Failures = new Failures(options.Service, Problems);
        _routes = options.Contracts.Services.SelectMany(s => s.Methods)
            .ToFrozenDictionary(m => $"/{m.Service.FullName}/{m.Name}", RestRoute.Of, StringComparer.Ordinal);
    }

    /// <summary>Sends requests.</summary>
    public HttpMessageInvoker Http { get; init; }

    /// <summary>Cancelled when the client is disposed.</summary>
    public CancellationToken Closed { get; init; }

    public ContractTable Contracts { get; }

    public TimeProvider Time { get; }

    public JsonCodec Codec { get; }

    public Problems Problems { get; }

    public Failures Failures { get; }

    /// <summary>Whether bodies are protobuf.</summary>
    public bool IsProtobuf { get; }

    /// <summary>Scheme and authority, without a slash at the end.</summary>
    public string Origin { get; }

    private Version Version { get; }

    public ImmutableArray<RestRoute> RoutesOf(IMethod method) => _routes.GetValueOrDefault(method.FullName, []);

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Version = Version;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        if (Version.Major == 1)
        {
            // Without any, the platform would send it again on its own when the connection closes before an answer, whether or not it was executed.
            request.Content ??= new ReadOnlyMemoryContent(default);
        }
        return Http.SendAsync(request, cancellationToken);
    }
}
