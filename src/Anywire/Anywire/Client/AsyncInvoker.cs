using Grpc.Core;

namespace Anywire.Client;

/// <summary>An invoker whose calls are all asynchronous: a blocking one waits for such a call.</summary>
internal abstract class AsyncInvoker : CallInvoker
{
    public sealed override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        using var call = AsyncUnaryCall(method, host, options, request);
#pragma warning disable VSTHRD002 // Blocking is what this member of gRPC's API is for.
        return call.ResponseAsync.GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
    }
}
