using System.Collections.Concurrent;
using Anywire.Client;
using Grpc.Core;

namespace Anywire.Tcp.Client;

/// <summary>Calls of generated clients, over TCP.</summary>
internal sealed class TcpInvoker(TcpClient client, ContractTable contracts) : AsyncInvoker, IRepeatingInvoker
{
    // More objects than anybody has methods are those of a caller that makes one for each call: the others are served as well, and not kept.
    private const int MostKept = 4_096;

    private readonly ConcurrentDictionary<IMethod, ClientMethod> _methods = new(ReferenceEqualityComparer.Instance);
    private readonly ConcurrentDictionary<string, ushort> _numbers = new(StringComparer.Ordinal);
    private int _lastNumber;
    private int _kept;

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => Start(method, options, request, null);

    AsyncUnaryCall<TResponse> IRepeatingInvoker.AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, CallOptions options, TRequest request, IAttempts attempts) => Start(method, options, request, attempts);

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

    private AsyncUnaryCall<TResponse> Start<TRequest, TResponse>(Method<TRequest, TResponse> method, in CallOptions options, TRequest request, IAttempts? attempts)
        where TRequest : class
        where TResponse : class
    {
        var call = new UnaryCall<TRequest, TResponse>(Known(method), request, options, client, attempts);
        call.Start();
        return new AsyncUnaryCall<TResponse>(
            call.Reply, static c => ((ClientCall)c).GetHeadersAsync(), static c => ((ClientCall)c).GetStatus(), static c => ((ClientCall)c).GetTrailers(),
            static c => ((ClientCall)c).Cancel(), call);
    }

    private ClientMethod<TRequest, TResponse> Known<TRequest, TResponse>(Method<TRequest, TResponse> method)
        where TRequest : class
        where TResponse : class =>
        (ClientMethod<TRequest, TResponse>)(_methods.TryGetValue(method, out var known)
            ? known
            : Add(method));

    private ClientMethod Add<TRequest, TResponse>(Method<TRequest, TResponse> method)
        where TRequest : class
        where TResponse : class
    {
        var number = _numbers.GetOrAdd(method.FullName, _ => checked((ushort)Interlocked.Increment(ref _lastNumber)));
        var made = new ClientMethod<TRequest, TResponse>(method, number, contracts[method]);
        if (Volatile.Read(ref _kept) >= MostKept)
        {
            return made;
        }
        Interlocked.Increment(ref _kept);
        return _methods.GetOrAdd(method, made);
    }
}
