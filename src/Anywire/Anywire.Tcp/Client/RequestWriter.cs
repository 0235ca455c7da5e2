using Grpc.Core;

namespace Anywire.Tcp.Client;

/// <summary>The caller's end of a stream of requests.</summary>
internal sealed class RequestWriter<T>(Func<T, CancellationToken, Task> write, Func<Task> complete) : IClientStreamWriter<T>
{
    private volatile bool _isCompleted;

    public WriteOptions? WriteOptions { get; set; }

    public Task WriteAsync(T message) => WriteAsync(message, CancellationToken.None);

    public Task WriteAsync(T message, CancellationToken cancellationToken) => _isCompleted
        ? Task.FromException(new InvalidOperationException("The stream of requests was completed: nothing more can be written to it."))
        : write(message, cancellationToken);

    public Task CompleteAsync()
    {
        _isCompleted = true;
        return complete();
    }
}
