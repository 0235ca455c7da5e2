using Grpc.Core;

namespace Twite.Storage;

/// <summary>Binds the handlers of a service that stores things: a <see cref="StorageException"/> that one of them throws becomes the status that its
/// caller can do something with. Without it the caller would learn that something unexpected went wrong.</summary>
/// <param name="inner">What the handlers are bound to.</param>
public sealed class StorageBinder(ServiceBinderBase inner) : ServiceBinderBase
{
    /// <inheritdoc/>
    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) =>
        inner.AddMethod(method, handler is null ? null : new UnaryServerMethod<TRequest, TResponse>((request, context) =>
        {
            try
            {
                var reply = handler(request, context);
                return reply.IsCompletedSuccessfully ? reply : AwaitAsync(reply);
            }
            catch (StorageException error)
            {
                return Task.FromException<TResponse>(Translate(error));
            }
        }));

    /// <inheritdoc/>
    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler) =>
        inner.AddMethod(method, handler is null ? null : new ClientStreamingServerMethod<TRequest, TResponse>(async (requests, context) =>
        {
            try
            {
                return await handler(requests, context);
            }
            catch (StorageException error)
            {
                throw Translate(error);
            }
        }));

    /// <inheritdoc/>
    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler) =>
        inner.AddMethod(method, handler is null ? null : new ServerStreamingServerMethod<TRequest, TResponse>(async (request, replies, context) =>
        {
            try
            {
                await handler(request, replies, context);
            }
            catch (StorageException error)
            {
                throw Translate(error);
            }
        }));

    /// <inheritdoc/>
    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler) =>
        inner.AddMethod(method, handler is null ? null : new DuplexStreamingServerMethod<TRequest, TResponse>(async (requests, replies, context) =>
        {
            try
            {
                await handler(requests, replies, context);
            }
            catch (StorageException error)
            {
                throw Translate(error);
            }
        }));

    private static async Task<T> AwaitAsync<T>(Task<T> reply)
    {
        try
        {
            return await reply;
        }
        catch (StorageException error)
        {
            throw Translate(error);
        }
    }

    private static RpcException Translate(StorageException error) => new(error.ToStatus());
}
