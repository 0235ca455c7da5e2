using System.Threading.Channels;
using Grpc.Core;

namespace Anywire.Wire;

/// <summary>The messages that arrive at one end, deserialized when they are read; reading one gives its sender credit.</summary>
/// <param name="end">Where they arrive.</param>
/// <param name="marshaller">What they are written with.</param>
/// <param name="onMessage">Told the bytes of each message.</param>
/// <param name="onCancelled">On the caller's side a reader who gives up waiting gives up the call, as in gRPC; null on the handler's.</param>
internal sealed class WireStream<T>(WireEnd end, Marshaller<T> marshaller, Action<long> onMessage, Action? onCancelled = null) : IAsyncStreamReader<T>
    where T : class
{
    // Bounded by the credit that the peer was given.
    private readonly Channel<byte[]> _arrived = Channel.CreateUnbounded<byte[]>(new UnboundedChannelOptions { SingleReader = true });
    private T? _current;

    public T Current => _current ?? throw new InvalidOperationException("There is no current message: call MoveNext first, and only while it gives true.");

    public void Add(byte[] message) => _arrived.Writer.TryWrite(message);

    public void Complete(Exception? failure = null) => _arrived.Writer.TryComplete(failure);

    /// <summary>Ends the stream at once; what has arrived and was not read is dropped.</summary>
    public void Abort(RpcException failure)
    {
        _arrived.Writer.TryComplete(failure);
        while (_arrived.Reader.TryRead(out _))
        {
            // Dropped: the call has ended for its reader.
        }
    }

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        _current = null;
        try
        {
            var message = await _arrived.Reader.ReadAsync(cancellationToken);
            end.ReturnCredit(message);
            onMessage(message.Length);
            _current = WireSerializer.Deserialize(marshaller, message);
            return true;
        }
        catch (OperationCanceledException) when (onCancelled is not null)
        {
            onCancelled();
            throw new RpcException(new Status(StatusCode.Cancelled, "The call was cancelled: so was the reading of its replies."));
        }
        catch (ChannelClosedException closed) when (closed.InnerException is RpcException failure)
        {
            throw new RpcException(failure.Status, failure.Trailers);
        }
        catch (ChannelClosedException)
        {
            return false;
        }
    }
}
