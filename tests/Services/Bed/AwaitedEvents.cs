using System.Collections.Concurrent;
using Anywire;
using Anywire.Identity;
using Anywire.Tests;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Twite.Services.Bed;

/// <summary>A wire whose broker answers for at-least-once calls, made to answer when the handler has: the suites ask what a service makes of an event, and not
/// when. Callers and handlers are in one process.</summary>
internal sealed class AwaitedEvents(ITransport next) : ITransport
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _awaited = new(StringComparer.Ordinal);

    public TransportTraits Traits { get; } = next.Traits with { AtLeastOnce = Acknowledgement.Handled };

    public Task<ITransportServer> ListenAsync(TransportServerOptions options, CancellationToken cancellationToken) =>
        next.ListenAsync(options with { Bind = binder => options.Bind(new Telling(binder, options.Contracts, this)) }, cancellationToken);

    public ITransportClient Connect(TransportClientOptions options) => new Client(next.Connect(options), options.Contracts, this);

    private async Task<TResponse> HandledAsync<TResponse>(Task<TResponse> accepted, string id)
    {
        try
        {
            var reply = await accepted;
            await _awaited[id].Task.WaitAsync(TimeSpan.FromSeconds(10));
            return reply;
        }
        finally
        {
            _awaited.TryRemove(id, out _);
        }
    }

    private sealed class Client(ITransportClient next, ContractTable contracts, AwaitedEvents events) : ITransportClient
    {
        public CallInvoker Invoker { get; } = next.Invoker.Intercept(new Awaiting(contracts, events));

        public Task ConnectAsync(CancellationToken cancellationToken) => next.ConnectAsync(cancellationToken);

        public ValueTask DisposeAsync() => next.DisposeAsync();
    }

    private sealed class Awaiting(ContractTable contracts, AwaitedEvents events) : Interceptor
    {
        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
        {
            if (contracts[context.Method].Delivery != Delivery.AtLeastOnce)
            {
                return continuation(request, context);
            }
            var id = Guid.NewGuid().ToString("N");
            events._awaited[id] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var headers = new Metadata { { EventMetadata.IdKey, id } };
            foreach (var header in (context.Options.Headers ?? []).Where(h => h.Key != EventMetadata.IdKey))
            {
                headers.Add(header);
            }
            var call = continuation(request, new ClientInterceptorContext<TRequest, TResponse>(context.Method, context.Host, context.Options.WithHeaders(headers)));
            return new AsyncUnaryCall<TResponse>(
                events.HandledAsync(call.ResponseAsync, id), call.ResponseHeadersAsync, static () => Status.DefaultSuccess, static () => [], call.Dispose);
        }
    }

    private sealed class Telling(ServiceBinderBase next, ContractTable contracts, AwaitedEvents events) : PassingBinder(next)
    {
        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) =>
            base.AddMethod(method, contracts[method].Delivery != Delivery.AtLeastOnce ? handler : async (request, context) =>
            {
                var awaited = events._awaited.GetValueOrDefault(context.RequestHeaders.GetValue(EventMetadata.IdKey) ?? "");
                try
                {
                    // The services' clock is not the wire's: what it has accepted was accepted now.
                    var reply = await handler!(
                        request, new HeldCallContext(context.Method, PeerIdentity.NameOf(context)!, context.RequestHeaders, acceptedAt: null));
                    awaited?.TrySetResult();
                    return reply;
                }
                catch (RpcException error)
                {
                    // Once it has failed its sender is told; trying it again is the transport's own business, and another test's.
                    awaited?.TrySetException(error);
                    return (TResponse)(object)new Empty();
                }
            });
    }
}
