using Grpc.Core;

namespace Anywire.Messaging.Client;

/// <summary>Calls as messages.</summary>
internal sealed class BrokerInvoker(Caller caller) : CallInvoker
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

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        using var call = AsyncUnaryCall(method, host, options, request);
#pragma warning disable VSTHRD002 // Blocking is what this member of gRPC's API is for.
        return call.ResponseAsync.GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
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
