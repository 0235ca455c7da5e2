using System.Collections.Concurrent;
using Grpc.Core;

namespace Anywire.Tcp.Client;

/// <summary>Calls of generated clients, over TCP.</summary>
internal sealed class TcpInvoker(TcpClient client, ContractTable contracts) : CallInvoker
{
    private readonly ConcurrentDictionary<IMethod, ClientMethod> _methods = new(ReferenceEqualityComparer.Instance);
    private int _numbers;

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var call = new UnaryCall<TRequest, TResponse>(Known(method), request, options, client);
        call.Start();
        return new AsyncUnaryCall<TResponse>(
            call.Task, static c => ((ClientCall)c).GetHeadersAsync(), static c => ((ClientCall)c).GetStatus(), static c => ((ClientCall)c).GetTrailers(),
            static c => ((ClientCall)c).Cancel(), call);
    }

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        using var call = AsyncUnaryCall(method, host, options, request);
#pragma warning disable VSTHRD002 // Blocking is what this member of gRPC's API is for.
        return call.ResponseAsync.GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var call = new StreamCall<TRequest, TResponse>(Known(method), request, options, client);
        call.Start();
        return new AsyncServerStreamingCall<TResponse>(
            call.Replies, static c => ((ClientCall)c).GetHeadersAsync(), static c => ((ClientCall)c).GetStatus(), static c => ((ClientCall)c).GetTrailers(),
            static c => ((ClientCall)c).Cancel(), call);
    }

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        var call = new StreamCall<TRequest, TResponse>(Known(method), null, options, client);
        call.Start();
        return new AsyncClientStreamingCall<TRequest, TResponse>(
            call.Requests, call.SingleReplyAsync(), static c => ((ClientCall)c).GetHeadersAsync(), static c => ((ClientCall)c).GetStatus(),
            static c => ((ClientCall)c).GetTrailers(), static c => ((ClientCall)c).Cancel(), call);
    }

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        var call = new StreamCall<TRequest, TResponse>(Known(method), null, options, client);
        call.Start();
        return new AsyncDuplexStreamingCall<TRequest, TResponse>(
            call.Requests, call.Replies, static c => ((ClientCall)c).GetHeadersAsync(), static c => ((ClientCall)c).GetStatus(),
            static c => ((ClientCall)c).GetTrailers(), static c => ((ClientCall)c).Cancel(), call);
    }

    private ClientMethod<TRequest, TResponse> Known<TRequest, TResponse>(Method<TRequest, TResponse> method)
        where TRequest : class
        where TResponse : class =>
        (ClientMethod<TRequest, TResponse>)(_methods.TryGetValue(method, out var known)
            ? known
            : _methods.GetOrAdd(method, _ => new ClientMethod<TRequest, TResponse>(method, checked((ushort)Interlocked.Increment(ref _numbers)), contracts[method])));
}
