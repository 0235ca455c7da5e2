using Grpc.Core;

namespace Anywire.Tcp.Server;

/// <summary>The handler's end of a stream of replies.</summary>
internal sealed class ReplyWriter<T>(Func<T, bool, CancellationToken, Task> write) : IServerStreamWriter<T>
    where T : class
{
    public WriteOptions? WriteOptions { get; set; }

    public Task WriteAsync(T message) => write(message, false, CancellationToken.None);

    public Task WriteAsync(T message, CancellationToken cancellationToken) => write(message, false, cancellationToken);

    /// <summary>Sends the only reply of a call that has one, for which no room is needed.</summary>
    public Task WriteSingleAsync(T message) => write(message, true, CancellationToken.None);
}
