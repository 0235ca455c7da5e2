using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Anywire.Server;

/// <summary>Wraps each handler in the <see cref="CallGuard"/> and the interceptors, then binds it to a transport's own binder: server-side
/// interceptors and guards thus work the same on every wire.</summary>
/// <remarks><c>ServerServiceDefinition.Intercept</c> does not exist in Grpc.Core.Api; a decorating binder does the same for any transport.</remarks>
internal sealed class GuardedBinder(ServiceBinderBase inner, CallGuard guard, IReadOnlyList<Interceptor> interceptors) : ServiceBinderBase
{
    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler)
    {
        foreach (var interceptor in interceptors.Reverse())
        {
            var next = handler!;
            handler = (request, context) => interceptor.UnaryServerHandler(request, context, next);
        }
        inner.AddMethod(method, new GuardedUnary<TRequest, TResponse>(guard, method, handler!).HandleAsync);
    }

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler)
    {
        foreach (var interceptor in interceptors.Reverse())
        {
            var next = handler!;
            handler = (request, writer, context) => interceptor.ServerStreamingServerHandler(request, writer, context, next);
        }
        var guarded = new GuardedStream(guard, method);
        inner.AddMethod(method, (TRequest request, IServerStreamWriter<TResponse> writer, ServerCallContext context) =>
            guarded.HandleAsync((handler!, request, writer), static (h, c) => h.Item1(h.request, h.writer, c), context));
    }

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler)
    {
        foreach (var interceptor in interceptors.Reverse())
        {
            var next = handler!;
            handler = (reader, writer, context) => interceptor.DuplexStreamingServerHandler(reader, writer, context, next);
        }
        var guarded = new GuardedStream(guard, method);
        inner.AddMethod(method, (IAsyncStreamReader<TRequest> reader, IServerStreamWriter<TResponse> writer, ServerCallContext context) =>
            guarded.HandleAsync((handler!, reader, writer), static (h, c) => h.Item1(h.reader, h.writer, c), context));
    }

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler)
    {
        foreach (var interceptor in interceptors.Reverse())
        {
            var next = handler!;
            handler = (reader, context) => interceptor.ClientStreamingServerHandler(reader, context, next);
        }
        var guarded = new GuardedStream(guard, method);
        inner.AddMethod(method, (IAsyncStreamReader<TRequest> reader, ServerCallContext context) =>
            guarded.HandleAsync((handler!, reader), static (h, c) => h.Item1(h.reader, c), context));
    }
}
