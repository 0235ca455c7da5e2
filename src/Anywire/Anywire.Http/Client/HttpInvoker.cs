using System.Collections.Concurrent;
using Anywire.Client;
using Anywire.HttpConnections.Client;
using Grpc.Core;

namespace Anywire.Http.Client;

/// <summary>Carries calls over HTTP. Streams of requests it does not carry: no edge with such a method passes the start-up check.</summary>
internal sealed class HttpInvoker(HttpCalls calls) : AsyncInvoker
{
    private readonly ConcurrentDictionary<IMethod, object> _methods = new();

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var ofMethod = Of(method);
        return ofMethod.Refuse(request) is { } problem
            ? FailedCall.Unary<TResponse>(problem)
            : new UnaryExchange<TRequest, TResponse>(ofMethod, options).Start(request);
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var ofMethod = Of(method);
        return ofMethod.Refuse(request) is { } problem
            ? FailedCall.ServerStreaming<TResponse>(problem)
            : new StreamExchange<TRequest, TResponse>(ofMethod, options).Start(request);
    }

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) => throw RpcErrors.NoRequestStreams(method, HttpTransport.WireName);

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) => throw RpcErrors.NoRequestStreams(method, HttpTransport.WireName);

    // A method is a static of the generated code: found by reference after its first call.
    private MethodCalls<TRequest, TResponse> Of<TRequest, TResponse>(Method<TRequest, TResponse> method)
        where TRequest : class
        where TResponse : class =>
        (MethodCalls<TRequest, TResponse>)(_methods.TryGetValue(method, out var known)
            ? known
            : _methods.GetOrAdd(method, new MethodCalls<TRequest, TResponse>(method, calls.Contracts[method], calls.RoutesOf(method), calls)));
}
