using System.Collections.Concurrent;
using Anywire.Diagnostics;
using Anywire.HttpConnections.Client;
using Google.Protobuf;
using Grpc.Core;

namespace Anywire.Grpc.Client;

/// <summary>Puts the contracts' size limits in front of gRPC's own invoker; all else is gRPC's.</summary>
internal sealed class GrpcInvoker(CallInvoker inner, ContractTable contracts) : CallInvoker
{
    private readonly ConcurrentDictionary<IMethod, Limited> _methods = new();

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var limited = Limit(method);
        return TooLarge(limited, request) is { } problem
            ? FailedCall.Unary<TResponse>(problem)
            : inner.AsyncUnaryCall((Method<TRequest, TResponse>)limited.Method, host, options, request);
    }

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var limited = Limit(method);
        return TooLarge(limited, request) is { } problem
            ? throw problem
            : inner.BlockingUnaryCall((Method<TRequest, TResponse>)limited.Method, host, options, request);
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var limited = Limit(method);
        if (TooLarge(limited, request) is { } problem)
        {
            return FailedCall.ServerStreaming<TResponse>(problem);
        }
        var call = inner.AsyncServerStreamingCall((Method<TRequest, TResponse>)limited.Method, host, options, request);
        return new AsyncServerStreamingCall<TResponse>(
            new ResponseStream<TResponse>(call.ResponseStream), call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose);
    }

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        var limited = Limit(method);
        var call = inner.AsyncClientStreamingCall((Method<TRequest, TResponse>)limited.Method, host, options);
        var requests = new RequestStream<TRequest>(call.RequestStream, m => TooLarge(limited, m), call.Dispose);
        return new AsyncClientStreamingCall<TRequest, TResponse>(
            requests, requests.ExplainAsync(call.ResponseAsync), call.ResponseHeadersAsync, () => requests.Problem?.Status ?? call.GetStatus(),
            () => requests.Problem?.Trailers ?? call.GetTrailers(), call.Dispose);
    }

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        var limited = Limit(method);
        var call = inner.AsyncDuplexStreamingCall((Method<TRequest, TResponse>)limited.Method, host, options);
        var requests = new RequestStream<TRequest>(call.RequestStream, m => TooLarge(limited, m), call.Dispose);
        return new AsyncDuplexStreamingCall<TRequest, TResponse>(
            requests, new ResponseStream<TResponse>(call.ResponseStream, () => requests.Problem), call.ResponseHeadersAsync, () => requests.Problem?.Status ?? call.GetStatus(),
            () => requests.Problem?.Trailers ?? call.GetTrailers(), call.Dispose);
    }

    // A method is a static of the generated code: found by reference after its first call.
    private Limited Limit<TRequest, TResponse>(Method<TRequest, TResponse> method)
        where TRequest : class
        where TResponse : class
    {
        if (_methods.TryGetValue(method, out var known))
        {
            return known;
        }
        var contract = contracts[method];
        var sizes = MessageSizes.OfClient(method, GrpcTransport.WireName);
        return _methods.GetOrAdd(method, new Limited(SizeLimits.ForClient(method, contract, sizes), contract.MaxRequestBytes, sizes));
    }

    private static RpcException? TooLarge(Limited limited, object request)
    {
        if (request is not IMessage message)
        {
            // Checked and counted while it is written.
            return null;
        }
        var size = message.CalculateSize();
        if (size > limited.MaxRequestBytes)
        {
            return RpcErrors.TooLarge(limited.Method, "request", size, limited.MaxRequestBytes);
        }
        limited.Sizes.Request(size);
        return null;
    }

    private sealed record Limited(IMethod Method, int MaxRequestBytes, MessageSizes Sizes);
}
