using Anywire.Client;
using Anywire.InProcess;
using Grpc.Core;

namespace Anywire.Wire;

/// <summary>Calls by frames.</summary>
internal sealed class WireInvoker(LocalServers<WireServer> servers, TransportClientOptions options, CancellationToken closed) : AsyncInvoker
{
    private int _turn;

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions callOptions, TRequest request)
    {
        var call = new WireClientCall<TRequest, TResponse>(method, options, callOptions, Listening(), closed);
        _ = call.SendSingleAsync(request);
        return new AsyncUnaryCall<TResponse>(
            call.SingleResponseAsync(), static c => ((ICallState)c).HeadersAsync(), static c => ((ICallState)c).Status,
            static c => ((ICallState)c).Trailers, static c => ((ICallState)c).Cancel(), call);
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions callOptions, TRequest request)
    {
        var call = new WireClientCall<TRequest, TResponse>(method, options, callOptions, Listening(), closed);
        _ = call.SendSingleAsync(request);
        return new AsyncServerStreamingCall<TResponse>(
            call.Responses, static c => ((ICallState)c).HeadersAsync(), static c => ((ICallState)c).Status, static c => ((ICallState)c).Trailers,
            static c => ((ICallState)c).Cancel(), call);
    }

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions callOptions)
    {
        var call = new WireClientCall<TRequest, TResponse>(method, options, callOptions, Listening(), closed);
        return new AsyncClientStreamingCall<TRequest, TResponse>(
            call.Requests, call.SingleResponseAsync(), static c => ((ICallState)c).HeadersAsync(), static c => ((ICallState)c).Status,
            static c => ((ICallState)c).Trailers, static c => ((ICallState)c).Cancel(), call);
    }

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions callOptions)
    {
        var call = new WireClientCall<TRequest, TResponse>(method, options, callOptions, Listening(), closed);
        return new AsyncDuplexStreamingCall<TRequest, TResponse>(
            call.Requests, call.Responses, static c => ((ICallState)c).HeadersAsync(), static c => ((ICallState)c).Status,
            static c => ((ICallState)c).Trailers, static c => ((ICallState)c).Cancel(), call);
    }

    public static Status TooLarge(IMethod method, int size, int limit, string what) =>
        new(StatusCode.ResourceExhausted, $"The {what} of {method.FullName} has {size:N0} bytes; at most {limit:N0} are allowed.");

    private WireServer? Listening() => servers.Pick(options.Endpoints, ref _turn);
}
