using Grpc.Core;

namespace Anywire.Client;

/// <summary>Watches streaming calls from outside the wire: remembers of each failure which call it came from (<see cref="RemoteFailure"/>), and
/// records how the call ended, once.</summary>
internal static class StreamCalls
{
    public static AsyncServerStreamingCall<TResponse> Watch<TResponse>(StreamRecord record, AsyncServerStreamingCall<TResponse> call) => new(
        new Reader<TResponse>(call.ResponseStream, record),
        _ => call.ResponseHeadersAsync, _ => call.GetStatus(), _ => call.GetTrailers(), _ => Dispose(call, record), call);

    public static AsyncClientStreamingCall<TRequest, TResponse> Watch<TRequest, TResponse>(StreamRecord record, AsyncClientStreamingCall<TRequest, TResponse> call) => new(
        new Writer<TRequest>(call.RequestStream, record), ReplyAsync(call.ResponseAsync, record),
        _ => call.ResponseHeadersAsync, _ => call.GetStatus(), _ => call.GetTrailers(), _ => Dispose(call, record), call);

    public static AsyncDuplexStreamingCall<TRequest, TResponse> Watch<TRequest, TResponse>(StreamRecord record, AsyncDuplexStreamingCall<TRequest, TResponse> call) => new(
        new Writer<TRequest>(call.RequestStream, record), new Reader<TResponse>(call.ResponseStream, record),
        _ => call.ResponseHeadersAsync, _ => call.GetStatus(), _ => call.GetTrailers(), _ => Dispose(call, record), call);

    private static void Dispose(IDisposable call, StreamRecord record)
    {
        call.Dispose();
        record.End(StatusCode.Cancelled);
    }

    private static async Task<T> ReplyAsync<T>(Task<T> reply, StreamRecord record)
    {
        try
        {
            var message = await reply;
            record.End(StatusCode.OK);
            return message;
        }
        catch (RpcException error)
        {
            record.Fail(error);
            throw;
        }
    }

    private sealed class Reader<T>(IAsyncStreamReader<T> inner, StreamRecord record) : IAsyncStreamReader<T>
    {
        public T Current => inner.Current;

        public Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            var moving = inner.MoveNext(cancellationToken);
            return moving.IsCompletedSuccessfully && moving.Result ? moving : MoveAsync(moving);
        }

        private async Task<bool> MoveAsync(Task<bool> moving)
        {
            try
            {
                if (await moving)
                {
                    return true;
                }
                record.End(StatusCode.OK);
                return false;
            }
            catch (RpcException error)
            {
                record.Fail(error);
                throw;
            }
        }
    }

    private sealed class Writer<T>(IClientStreamWriter<T> inner, StreamRecord record) : IClientStreamWriter<T>
    {
        public WriteOptions? WriteOptions
        {
            get => inner.WriteOptions;
            set => inner.WriteOptions = value;
        }

        public Task WriteAsync(T message) => Pass(inner.WriteAsync(message));

        public Task WriteAsync(T message, CancellationToken cancellationToken) => Pass(inner.WriteAsync(message, cancellationToken));

        public Task CompleteAsync() => Pass(inner.CompleteAsync());

        private Task Pass(Task writing) => writing.IsCompletedSuccessfully ? writing : WriteAsync(writing);

        private async Task WriteAsync(Task writing)
        {
            try
            {
                await writing;
            }
            catch (RpcException error)
            {
                record.Fail(error);
                throw;
            }
        }
    }
}
