using System.Collections.Concurrent;
using Anywire.Client;
using Grpc.Core;

namespace Anywire.Udp.Client;

/// <summary>Calls as messages in datagrams.</summary>
internal sealed class UdpInvoker(UdpClientSide client) : AsyncInvoker, IRepeatingInvoker, IEventInvoker
{
    private readonly ConcurrentDictionary<string, ClientMethod> _methods = new(StringComparer.Ordinal);
    private volatile ClientMethod? _last;

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => Start(method, options, request, null);

    AsyncUnaryCall<TResponse> IRepeatingInvoker.AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, CallOptions options, TRequest request, IAttempts attempts) => Start(method, options, request, attempts);

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => throw NoStreams(method);

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) => throw NoStreams(method);

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) => throw NoStreams(method);

    bool IEventInvoker.TryTell<TRequest, TResponse>(Method<TRequest, TResponse> method, Metadata? metadata, TRequest request) =>
        TryTell(Find(method), method, metadata, request);

    private static RpcException NoStreams(IMethod method) => new(new Status(
        StatusCode.Unimplemented, $"{method.FullName} is a stream, which {UdpTransport.WireName} does not carry. Give the service an address on another wire."));

    private AsyncUnaryCall<TResponse> Start<TRequest, TResponse>(Method<TRequest, TResponse> method, in CallOptions options, TRequest request, IAttempts? attempts)
        where TRequest : class
        where TResponse : class
    {
        var known = Find(method);
        if (known.Contract is { Delivery: Delivery.BestEffort, ReturnsEmpty: true })
        {
            return SendEvent(known, method, options, request);
        }
        var call = new UnaryCall<TRequest, TResponse>(client, known, method, options, attempts);
        call.Start(request, options.Headers);
        return new AsyncUnaryCall<TResponse>(
            call.Reply,
            static c => ((UnaryCall<TRequest, TResponse>)c).Headers,
            static c => ((UnaryCall<TRequest, TResponse>)c).Status,
            static c => ((UnaryCall<TRequest, TResponse>)c).Trailers,
            static c => ((UnaryCall<TRequest, TResponse>)c).Cancel(),
            call);
    }

    private ClientMethod Find(IMethod method)
    {
        if (_last is { } last && ReferenceEquals(last.Method, method))
        {
            return last;
        }
        return _last = _methods.GetOrAdd(method.FullName, static (_, m) => ClientMethod.Of(m.method, m.Contracts), (method, client.Options.Contracts));
    }

    private AsyncUnaryCall<TResponse> SendEvent<TRequest, TResponse>(
        ClientMethod known, Method<TRequest, TResponse> method, in CallOptions options, TRequest request)
        where TRequest : class
        where TResponse : class
    {
        // It has left once it is among those that go next: nobody is told what becomes of it.
        if (TryTell(known, method, options.Headers, request))
        {
            return CompletedCall<TResponse>.Call;
        }
        return new AsyncUnaryCall<TResponse>(
            SendLaterAsync<TRequest, TResponse>(known, method, options, request), Task.FromResult(new Metadata()), static () => Status.DefaultSuccess, static () => [], static () => { });
    }

    private bool TryTell<TRequest, TResponse>(ClientMethod known, Method<TRequest, TResponse> method, Metadata? metadata, TRequest request)
        where TRequest : class
        where TResponse : class =>
        client.Connected is { } session && TrySend(session, known, method, metadata, request);

    private async Task<TResponse> SendLaterAsync<TRequest, TResponse>(
        ClientMethod known, Method<TRequest, TResponse> method, CallOptions options, TRequest request)
        where TRequest : class
        where TResponse : class
    {
        using var patience = new CallLifetime(options.Deadline ?? DateTime.MaxValue, client.Options.Time, options.CancellationToken);
        try
        {
            while (true)
            {
                var session = await client.ConnectedAsync(patience.Token);
                if (TrySend(session, known, method, options.Headers, request))
                {
                    return CompletedCall<TResponse>.Reply;
                }
                await session.WaitForRoomAsync().WaitAsync(patience.Token);
            }
        }
        catch (OperationCanceledException)
        {
            throw new RpcException(patience.EarlyEnd);
        }
    }

    private bool TrySend<TRequest, TResponse>(
        ClientSession session, ClientMethod known, Method<TRequest, TResponse> method, Metadata? metadata, TRequest request)
        where TRequest : class
        where TResponse : class
    {
        // Under no lock, for a marshaller is code of others: it may send something itself.
        var writer = client.RentWriter();
        try
        {
            known.Write(writer, isAnswered: false, metadata, method.RequestMarshaller, request);
            if (!session.Add(writer.Finish()))
            {
                return false;
            }
            known.Sizes.Request(writer.BodyLength);
            return true;
        }
        finally
        {
            client.ReturnWriter(writer);
        }
    }
}
