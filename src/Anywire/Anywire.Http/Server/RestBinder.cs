using System.Collections.Frozen;
using Anywire.Http.Mapping;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Health.V1;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Anywire.Http.Server;

/// <summary>Maps each method to its routes, and to <c>POST /package.Service/Method</c>.</summary>
internal sealed class RestBinder(IEndpointRouteBuilder routes, ContractTable contracts, ServerSide side) : ServiceBinderBase
{
    private readonly FrozenDictionary<string, MethodDescriptor> _descriptors = contracts.Services.Append(Health.Descriptor).DistinctBy(s => s.FullName)
        .SelectMany(s => s.Methods).ToFrozenDictionary(m => $"/{m.Service.FullName}/{m.Name}", StringComparer.Ordinal);

    /// <summary>The services bound so far, by their full names.</summary>
    public SortedSet<string> Services { get; } = new(StringComparer.Ordinal);

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler)
    {
        Map(method, route => new UnaryEndpoint<TRequest, TResponse>(method, contracts[method], route, handler!, side).HandleAsync);
        if (handler is UnaryServerMethod<HealthCheckRequest, HealthCheckResponse> check && method.Name == nameof(Health.HealthBase.Check))
        {
            HealthEndpoints.Map(routes, check, side.Time);
        }
    }

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler) =>
        Map(method, route => new StreamEndpoint<TRequest, TResponse>(method, contracts[method], route, handler!, side).HandleAsync);

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler) =>
        Map(method, _ => http => RefuseAsync(http, method));

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler) =>
        Map(method, _ => http => RefuseAsync(http, method));

    private Task RefuseAsync(HttpContext http, IMethod method) => ProblemResponse.WriteAsync(
        http, side.Problems, new Status(StatusCode.Unimplemented, $"{method.FullName} takes a stream of requests, which HTTP does not carry here. Use gRPC."), null);

    private void Map(IMethod method, Func<RestRoute, RequestDelegate> make)
    {
        Services.Add(method.ServiceName);
        var own = _descriptors.TryGetValue(method.FullName, out var descriptor) ? RestRoute.Of(descriptor) : [];
        foreach (var route in own.Append(RestRoute.Default(method.FullName)))
        {
            routes.MapMethods(route.Path.Pattern, [route.Verb], make(route));
        }
    }
}
