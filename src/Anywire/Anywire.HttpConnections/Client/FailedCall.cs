using Grpc.Core;

namespace Anywire.HttpConnections.Client;

/// <summary>Calls that failed before anything was sent: they look like any failed call.</summary>
internal static class FailedCall
{
    public static AsyncUnaryCall<TResponse> Unary<TResponse>(RpcException error) =>
        new(Task.FromException<TResponse>(error), Task.FromResult(new Metadata()), () => error.Status, () => error.Trailers, static () => { });

    public static AsyncServerStreamingCall<TResponse> ServerStreaming<TResponse>(RpcException error) =>
        new(new FailedStream<TResponse>(error), Task.FromResult(new Metadata()), () => error.Status, () => error.Trailers, static () => { });

    private sealed class FailedStream<T>(RpcException error) : IAsyncStreamReader<T>
    {
        public T Current => throw new InvalidOperationException("There is no current message: the call failed.");

        public Task<bool> MoveNext(CancellationToken cancellationToken) => Task.FromException<bool>(error);
    }
}
