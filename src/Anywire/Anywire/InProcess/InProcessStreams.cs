using Grpc.Core;

namespace Anywire.InProcess;

/// <summary>One side's view of the messages that the other writes.</summary>
/// <param name="pipe">Where they come from.</param>
/// <param name="onCancelled">On the caller's side a reader who gives up waiting gives up the call, as in gRPC; null on the handler's.</param>
internal sealed class InProcessStreamReader<T>(MessagePipe<T> pipe, Action? onCancelled) : IAsyncStreamReader<T>
    where T : class
{
    private T? _current;

    public T Current => _current ?? throw new InvalidOperationException("There is no current message: call MoveNext first, and only while it gives true.");

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        _current = null;
        try
        {
            _current = await pipe.ReadAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (onCancelled is not null)
        {
            onCancelled();
            throw new RpcException(new Status(StatusCode.Cancelled, "The call was cancelled: so was the reading of its replies."));
        }
        return _current is not null;
    }
}

/// <summary>The caller's end of the requests.</summary>
internal sealed class InProcessRequestWriter<T>(Func<T, CancellationToken, Task> write, Action complete) : IClientStreamWriter<T>
{
    public WriteOptions? WriteOptions { get; set; }

    public Task WriteAsync(T message) => write(message, CancellationToken.None);

    public Task WriteAsync(T message, CancellationToken cancellationToken) => write(message, cancellationToken);

    public Task CompleteAsync()
    {
        complete();
        return Task.CompletedTask;
    }
}

/// <summary>The handler's end of the replies.</summary>
internal sealed class InProcessResponseWriter<T>(Func<T, CancellationToken, Task> write) : IServerStreamWriter<T>
{
    public WriteOptions? WriteOptions { get; set; }

    public Task WriteAsync(T message) => write(message, CancellationToken.None);

    public Task WriteAsync(T message, CancellationToken cancellationToken) => write(message, cancellationToken);
}
