using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Twite.Storage;

/// <summary>Server side: lets callers see a failure of storage as its status (<see cref="StorageStatus.ToStatus"/>). A handler that
/// completes at once costs nothing here. Any thread may use it.</summary>
/// <param name="threads">What handlers run on when the service's tables are on a server; null: the thread that brings the call.</param>
public sealed class StorageInterceptor(CallThreads? threads = null) : Interceptor
{
    /// <inheritdoc/>
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        if (threads is not null)
        {
            return TranslateAsync(Task.Factory.StartNew(
                () =>
                {
                    // It may have waited for a thread until nobody waits for it any more.
                    context.CancellationToken.ThrowIfCancellationRequested();
                    return continuation(request, context);
                },
                CancellationToken.None, TaskCreationOptions.DenyChildAttach, threads).Unwrap());
        }
        try
        {
            var task = continuation(request, context);
            return task.IsCompletedSuccessfully ? task : TranslateAsync(task);
        }
        catch (StorageException error)
        {
            return Task.FromException<TResponse>(new RpcException(error.ToStatus()));
        }
    }

    private static async Task<TResponse> TranslateAsync<TResponse>(Task<TResponse> task)
    {
        try
        {
            return await task;
        }
        catch (StorageException error)
        {
            throw new RpcException(error.ToStatus());
        }
    }
}
