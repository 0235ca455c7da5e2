using Grpc.Core;

namespace Anywire.Client;

/// <summary>Remembers of each failure of a stream which call it came from (<see cref="RemoteFailure"/>).</summary>
internal static class StreamFailures
{
    public static AsyncServerStreamingCall<TResponse> Mark<TResponse>(AsyncServerStreamingCall<TResponse> call, IMethod method) => new(
        new Reader<TResponse>(call.ResponseStream, method),
        static c => ((AsyncServerStreamingCall<TResponse>)c).ResponseHeadersAsync,
        static c => ((AsyncServerStreamingCall<TResponse>)c).GetStatus(),
        static c => ((AsyncServerStreamingCall<TResponse>)c).GetTrailers(),
        static c => ((AsyncServerStreamingCall<TResponse>)c).Dispose(),
        call);

    public static AsyncClientStreamingCall<TRequest, TResponse> Mark<TRequest, TResponse>(AsyncClientStreamingCall<TRequest, TResponse> call, IMethod method) => new(
        new Writer<TRequest>(call.RequestStream, method),
        MarkAsync(call.ResponseAsync, method),
        static c => ((AsyncClientStreamingCall<TRequest, TResponse>)c).ResponseHeadersAsync,
        static c => ((AsyncClientStreamingCall<TRequest, TResponse>)c).GetStatus(),
        static c => ((AsyncClientStreamingCall<TRequest, TResponse>)c).GetTrailers(),
        static c => ((AsyncClientStreamingCall<TRequest, TResponse>)c).Dispose(),
        call);

    public static AsyncDuplexStreamingCall<TRequest, TResponse> Mark<TRequest, TResponse>(AsyncDuplexStreamingCall<TRequest, TResponse> call, IMethod method) => new(
        new Writer<TRequest>(call.RequestStream, method),
        new Reader<TResponse>(call.ResponseStream, method),
        static c => ((AsyncDuplexStreamingCall<TRequest, TResponse>)c).ResponseHeadersAsync,
        static c => ((AsyncDuplexStreamingCall<TRequest, TResponse>)c).GetStatus(),
        static c => ((AsyncDuplexStreamingCall<TRequest, TResponse>)c).GetTrailers(),
        static c => ((AsyncDuplexStreamingCall<TRequest, TResponse>)c).Dispose(),
        call);

    private static async Task<T> MarkAsync<T>(Task<T> task, IMethod method)
    {
        try
        {
            return await task;
        }
        catch (RpcException error)
        {
            RemoteFailure.Mark(error, method);
            throw;
        }
    }

    private static async Task MarkAsync(Task task, IMethod method)
    {
        try
        {
            await task;
        }
        catch (RpcException error)
        {
            RemoteFailure.Mark(error, method);
            throw;
        }
    }

    private sealed class Reader<T>(IAsyncStreamReader<T> inner, IMethod method) : IAsyncStreamReader<T>
    {
        public T Current => inner.Current;

        public Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            var moving = inner.MoveNext(cancellationToken);
            return moving.IsCompletedSuccessfully ? moving : MarkAsync(moving, method);
        }
    }

    private sealed class Writer<T>(IClientStreamWriter<T> inner, IMethod method) : IClientStreamWriter<T>
    {
        public WriteOptions? WriteOptions
        {
            get => inner.WriteOptions;
            set => inner.WriteOptions = value;
        }

        public Task WriteAsync(T message) => Pass(inner.WriteAsync(message));

        public Task WriteAsync(T message, CancellationToken cancellationToken) => Pass(inner.WriteAsync(message, cancellationToken));

        public Task CompleteAsync() => Pass(inner.CompleteAsync());

        private Task Pass(Task writing) => writing.IsCompletedSuccessfully ? writing : MarkAsync(writing, method);
    }
}
