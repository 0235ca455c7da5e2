using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Twite.Web;

/// <summary>Writes on every failed call which service it was that failed, so that a page can say what is missing.</summary>
internal sealed class ServiceNaming(string service) : Interceptor
{
    private const string Key = "twite.service";

    /// <summary>The service whose call failed, <c>accounts</c>; null when the failure is of no service.</summary>
    public static string? Of(RpcException error) => error.Data[Key] as string;

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        var call = continuation(request, context);
        return call.ResponseAsync.IsCompletedSuccessfully
            ? call
            : new AsyncUnaryCall<TResponse>(
                NameAsync(call.ResponseAsync), call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose);
    }

    private async Task<TResponse> NameAsync<TResponse>(Task<TResponse> response)
    {
        try
        {
            return await response;
        }
        catch (RpcException e)
        {
            e.Data[Key] = service;
            throw;
        }
    }
}
