using System.Threading.Channels;
using Anywire.Messaging.Format;
using Grpc.Core;

namespace Anywire.Messaging.Client;

/// <summary>A call with a stream of replies. Consuming them gives their sender credit for more.</summary>
internal sealed class StreamCall<TRequest, TResponse>(Caller caller, Method<TRequest, TResponse> method, in CallOptions options)
    : BrokeredCall<TRequest, TResponse>(caller, method, options), IAsyncStreamReader<TResponse>
    where TRequest : class
    where TResponse : class
{
    private const int Window = 1024 * 1024;

    // Bounded by the credit that the handler was given.
    private readonly Channel<(TResponse Message, int Cost)> _items = Channel.CreateUnbounded<(TResponse, int)>(new UnboundedChannelOptions { SingleReader = true });
    private TResponse? _current;
    private volatile string? _handler;
    private uint _received;
    private ulong _consumed;
    private ulong _told;

    public TResponse Current => _current ?? throw new InvalidOperationException("There is no current message: call MoveNext first, and only while it gives true.");

    protected override int Credit => Window;

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        _current = null;
        try
        {
            var (message, cost) = await _items.Reader.ReadAsync(cancellationToken);
            _current = message;
            await ReturnAsync(cost);
            return true;
        }
        catch (OperationCanceledException)
        {
            Cancel();
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

    public override void Receive(MessageReader message)
    {
        switch (message.Kind)
        {
            case MessageKind.Begin:
                _handler = message.Name();
                SetHeaders(message.Metadata());
                break;
            case MessageKind.Item:
                Take(message);
                break;
            case MessageKind.End:
                var end = CallEnd.Read(message);
                if (end.Items != _received)
                {
                    Abandon(LostSome);
                    return;
                }
                TryEnd(end.Status, end.Trailers, null);
                break;
            default:
                throw new MalformedMessageException($"It is of kind {message.Kind}, which no caller is sent.");
        }
    }

    protected override void Finish(RpcException? failure, TResponse? reply)
    {
        _items.Writer.TryComplete(failure);
        if (failure?.StatusCode is StatusCode.Cancelled or StatusCode.DeadlineExceeded)
        {
            while (_items.Reader.TryRead(out _))
            {
                // Dropped: the call has ended for its reader.
            }
        }
    }

    private Status LostSome => new(StatusCode.Unavailable, $"The broker lost messages of the stream of {Method.FullName}. Call again.");

    private void Take(MessageReader message)
    {
        var number = message.UInt32();
        if (number < _received)
        {
            throw new RefusedMessageException("replayed", $"It is number {number} of a stream, for the second time.");
        }
        if (number != _received)
        {
            Abandon(LostSome);
            return;
        }
        _received++;
        var length = message.Rest.Length;
        if (length > Contract.MaxReplyBytes)
        {
            Abandon(RpcErrors.TooLarge(Method, "reply", length, Contract.MaxReplyBytes).Status);
            return;
        }
        Sizes.Response(length);
        _items.Writer.TryWrite((message.Body(Method.ResponseMarshaller), length + StreamCost.PerItem));
    }

    private async ValueTask ReturnAsync(int cost)
    {
        _consumed += (uint)cost;
        if (_consumed - _told < Window / 2 || _handler is not { } handler)
        {
            return;
        }
        _told = _consumed;
        try
        {
            await Caller.Link.TellAsync(handler, Caller.Begin(MessageKind.Credit, Id).UInt64(Window + _consumed).Finish());
        }
        catch (Exception error) when (error is RpcException or IOException or ObjectDisposedException)
        {
            // The connection is lost, and with it the call: its end tells.
        }
    }
}
