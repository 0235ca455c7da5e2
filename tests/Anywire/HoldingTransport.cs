using System.Collections.Concurrent;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Anywire.Tests;

/// <summary>A wire that holds calls of one method as a durable broker does: they are accepted whether or not somebody listens, and delivered when a
/// test says so, as often as it says. Everything else goes over the wire within. Any thread may use it.</summary>
/// <param name="inner">The wire within.</param>
/// <param name="held">The name of the method whose calls are held.</param>
internal sealed class HoldingTransport(ITransport inner, string held) : ITransport
{
    private readonly string _method = held;
    private readonly ConcurrentQueue<HeldCall> _calls = new();
    private readonly ConcurrentDictionary<string, Func<object, ServerCallContext, Task>> _handlers = new(StringComparer.Ordinal);

    public TransportTraits Traits { get; } = inner.Traits with { AtLeastOnce = Acknowledgement.Accepted };

    /// <summary>Says when a call is accepted.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>What a call is refused with instead of being accepted; null for none.</summary>
    public RpcException? Refusal { get; set; }

    /// <summary>The requests that are held.</summary>
    public IReadOnlyList<object> Held => [.. _calls.Select(c => c.Request)];

    public Task<ITransportServer> ListenAsync(TransportServerOptions options, CancellationToken cancellationToken) =>
        inner.ListenAsync(options with { Bind = binder => options.Bind(new NotingBinder(binder, _handlers)) }, cancellationToken);

    public ITransportClient Connect(TransportClientOptions options) => new Client(inner.Connect(options), options.Caller, this);

    /// <summary>Delivers what is held, in order.</summary>
    /// <param name="times">How often each; a broker may do it more than once.</param>
    /// <param name="change">Changes what came with a call on its way; null for nothing.</param>
    /// <exception cref="RpcException">A handler refused one; a broker would put it among the dead letters.</exception>
    public async Task DeliverAsync(int times = 1, Func<Metadata, Metadata>? change = null)
    {
        while (_calls.TryDequeue(out var call))
        {
            for (var i = 0; i < times; i++)
            {
                await _handlers[call.Method](
                    call.Request, new HeldCallContext(call.Method, call.Caller, change?.Invoke(call.Headers) ?? call.Headers, call.AcceptedAt));
            }
        }
    }

    private sealed record HeldCall(string Method, string Caller, object Request, Metadata Headers, DateTimeOffset AcceptedAt);

    private sealed class Client(ITransportClient client, string caller, HoldingTransport transport) : ITransportClient
    {
        public CallInvoker Invoker { get; } = client.Invoker.Intercept(new Holding(caller, transport));

        public Task ConnectAsync(CancellationToken cancellationToken) => client.ConnectAsync(cancellationToken);

        public ValueTask DisposeAsync() => client.DisposeAsync();
    }

    private sealed class Holding(string caller, HoldingTransport transport) : Interceptor
    {
        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
        {
            if (context.Method.Name != transport._method)
            {
                return continuation(request, context);
            }
            if (transport.Refusal is { } refusal)
            {
                return Answer(Task.FromException<TResponse>(refusal), refusal.Status);
            }
            transport._calls.Enqueue(new HeldCall(context.Method.FullName, caller, request, context.Options.Headers ?? [], transport.Time.GetUtcNow()));
            return Answer(Task.FromResult((TResponse)(object)new Empty()), Status.DefaultSuccess);
        }

        private static AsyncUnaryCall<TResponse> Answer<TResponse>(Task<TResponse> response, Status status) =>
            new(response, Task.FromResult(new Metadata()), () => status, () => [], () => { });
    }

    // Keeps the handlers, so that what is held can be delivered in a context of its own.
    private sealed class NotingBinder(ServiceBinderBase next, ConcurrentDictionary<string, Func<object, ServerCallContext, Task>> handlers) : PassingBinder(next)
    {
        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler)
        {
            handlers[method.FullName] = (request, context) => handler!((TRequest)request, context);
            base.AddMethod(method, handler);
        }
    }
}
