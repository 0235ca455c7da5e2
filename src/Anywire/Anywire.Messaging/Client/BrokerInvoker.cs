using Anywire.Client;
using Grpc.Core;

namespace Anywire.Messaging.Client;

/// <summary>Calls as messages.</summary>
internal sealed class BrokerInvoker(Caller caller) : AsyncInvoker
{
    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var call = new UnaryCall<TRequest, TResponse>(caller, method, options) { Id = caller.NextId() };
        call.Start(request);
        return new AsyncUnaryCall<TResponse>(
            call.Reply,
            static c => ((UnaryCall<TRequest, TResponse>)c).Headers,
            static c => ((UnaryCall<TRequest, TResponse>)c).Status,
            static c => ((UnaryCall<TRequest, TResponse>)c).Trailers,
            static c => ((UnaryCall<TRequest, TResponse>)c).Cancel(),
            call);
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var call = new StreamCall<TRequest, TResponse>(caller, method, options) { Id = caller.NextId() };
        call.Start(request);
        return new AsyncServerStreamingCall<TResponse>(
            call,
            static c => ((StreamCall<TRequest, TResponse>)c).Headers,
            static c => ((StreamCall<TRequest, TResponse>)c).Status,
            static c => ((StreamCall<TRequest, TResponse>)c).Trailers,
            static c => ((StreamCall<TRequest, TResponse>)c).Cancel(),
            call);
    }

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) => throw RpcErrors.NoRequestStreams(method, caller.Wire);

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) => throw RpcErrors.NoRequestStreams(method, caller.Wire);
}
