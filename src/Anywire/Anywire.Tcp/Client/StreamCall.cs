using Anywire.Tcp.Connections;
using Anywire.Tcp.Format;
using Grpc.Core;

namespace Anywire.Tcp.Client;

/// <summary>The caller's side of a call with a stream of requests, of replies, or of both.</summary>
internal sealed class StreamCall<TRequest, TResponse> : ClientCall
    where TRequest : class
    where TResponse : class
{
    private readonly ClientMethod<TRequest, TResponse> _method;
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TRequest? _single;
    private MessageParts? _parts;
    private MessageQueue<TResponse>? _replies;
    private SendWindow? _window;
    private volatile bool _hasStatus;

    /// <param name="method">The method.</param>
    /// <param name="single">Its request, when it has only one.</param>
    /// <param name="options">As whom, until when.</param>
    /// <param name="client">Where to.</param>
    public StreamCall(ClientMethod<TRequest, TResponse> method, TRequest? single, in CallOptions options, TcpClient client)
        : base(options, client)
    {
        (_method, _single) = (method, single);
        Requests = new RequestWriter<TRequest>(WriteAsync, CompleteAsync);
        Replies = new ReplyReader(this);
    }

    public IClientStreamWriter<TRequest> Requests { get; }

    public IAsyncStreamReader<TResponse> Replies { get; }

    public override ClientMethod Method => _method;

    protected override bool HasStatus => _hasStatus;

    protected override FrameFlags FirstFlags => _single is null ? FrameFlags.None : FrameFlags.Last;

    /// <summary>The only reply of a call that has one.</summary>
    public async Task<TResponse> SingleReplyAsync()
    {
        if (!await Replies.MoveNext(CancellationToken.None))
        {
            throw new RpcException(new Status(StatusCode.Internal, $"The handler of {_method.FullName} gave no reply."));
        }
        var reply = Replies.Current;
        // The status comes after the reply, and has the last word.
        if (await Replies.MoveNext(CancellationToken.None))
        {
            throw new RpcException(new Status(StatusCode.Internal, $"The handler of {_method.FullName} gave more than one reply."));
        }
        return reply;
    }

    protected override RpcException? WriteFirst(ClientConnection connection, MessageBuffer message)
    {
        if (_single is not null && _method.Write(message, _single) is { } tooLarge)
        {
            return tooLarge;
        }
        _window = new SendWindow(connection.Peer.Window);
        _replies = new MessageQueue<TResponse>(connection, () => Id, TcpTransport.ClientWindow, budget: null, Cancel);
        return null;
    }

    protected override void OnOpened()
    {
        // Whoever ends it now sees what there is to read from; or it is seen here that it has ended. What has come until then may still be read.
        Interlocked.MemoryBarrier();
        if (IsEnded && Failure is not null)
        {
            End(drop: false);
        }
        _opened.TrySetResult();
    }

    protected override void OnWindow(ReadOnlyMemory<byte> payload) => _window!.Add(new PayloadReader(payload.Span).UInt32());

    protected override bool Tell(bool onReader)
    {
        _parts?.Close();
        _hasStatus = true;
        Interlocked.MemoryBarrier();
        // What has come before a failure that this side has found is not read any more.
        End(drop: !onReader);
        _opened.TrySetResult();
        return true;
    }

    private void End(bool drop)
    {
        _window?.Close();
        _replies?.End(Failure, drop);
    }

    protected override bool OnMessage(ClientConnection connection, FrameHeader header, ReadOnlyMemory<byte> payload)
    {
        _parts ??= new MessageParts(connection.Unfinished);
        if (_parts.Add(payload, !header.HasMore, _method.Contract.MaxReplyBytes, out var message) is { } refusal)
        {
            FailAndTell(refusal.For(_method.Method, "reply", _method.Contract.MaxReplyBytes));
            return true;
        }
        if (header.HasMore)
        {
            CloseIfEnded(_parts);
            return true;
        }
        var size = (int)message.Length;
        _method.Response(size);
        var reply = connection.Source.Read(_method.Replies, message);
        _parts.Clear();
        if (reply is null)
        {
            FailAndTell(new RpcException(new Status(StatusCode.Internal, $"The reply of {_method.FullName} cannot be read.")));
            return true;
        }
        _replies!.Add(reply, size);
        return !header.IsLast || OnStatus(connection, Status.DefaultSuccess, null);
    }

    protected override bool OnStatus(ClientConnection connection, Status status, Metadata? trailers)
    {
        var failure = status.StatusCode == StatusCode.OK ? null : new RpcException(status, trailers ?? []);
        if (failure is not null && NotExecuted.IsMarked(failure))
        {
            connection.IsDraining = true;
        }
        if (!TryEnd(failure, trailers))
        {
            return true;
        }
        // What is left of a large request is for nobody. After the end: whoever writes it finds that, or is found here.
        Interlocked.MemoryBarrier();
        connection.Abandon(Id);
        return Finish(onReader: true);
    }

    private async Task WriteAsync(TRequest request, CancellationToken cancellationToken)
    {
        await _opened.Task.WaitAsync(cancellationToken);
        ThrowIfEnded();
        var connection = Connection!;
        var buffers = connection.Runtime.Buffers;
        var message = buffers.Take();
        Task<bool>? taken;
        try
        {
            if (_method.Write(message, request) is { } tooLarge)
            {
                FailAndTell(tooLarge);
                throw tooLarge;
            }
            while (!_window!.TryTake(message.MessageLength, out var arrived))
            {
                if (arrived is null)
                {
                    ThrowIfEnded();
                }
                await arrived!.WaitAsync(cancellationToken);
            }
            taken = connection.Send(FrameKind.Message, FrameFlags.None, Id, message);
        }
        finally
        {
            buffers.Return(message);
        }
        if (taken is null)
        {
            return;
        }
        if (IsEnded)
        {
            // Whoever ended it meanwhile may have found nothing to give up.
            connection.Abandon(Id);
        }
        try
        {
            if (!await taken.WaitAsync(cancellationToken))
            {
                // A connection that is lost gives up what it carries before it ends its calls.
                await _window.ClosedAsync().WaitAsync(cancellationToken);
                ThrowIfEnded();
            }
        }
        catch (OperationCanceledException)
        {
            // Parts of it have gone, and what came next would be taken for the rest: as in gRPC, who gives up writing gives up the call.
            Cancel();
            throw;
        }
    }

    private async Task CompleteAsync()
    {
        await _opened.Task;
        if (!IsEnded)
        {
            Connection!.Send(FrameKind.HalfClose, FrameFlags.None, Id, []);
        }
    }

    private void ThrowIfEnded()
    {
        if (IsEnded)
        {
            throw Failure is { } failure
                ? new RpcException(failure.Status, failure.Trailers)
                : new InvalidOperationException($"The call of {_method.FullName} has ended: its handler takes no more requests.");
        }
    }

    /// <summary>Waits until the call is on its way, and then reads its replies.</summary>
    private sealed class ReplyReader(StreamCall<TRequest, TResponse> call) : IAsyncStreamReader<TResponse>
    {
        public TResponse Current => call._replies is { } replies
            ? replies.Current
            : throw new InvalidOperationException("There is no current message: call MoveNext first, and only while it gives true.");

        public Task<bool> MoveNext(CancellationToken cancellationToken) =>
            call._opened.Task.IsCompleted && call._replies is { } replies ? replies.MoveNext(cancellationToken) : MoveWhenOpenAsync(cancellationToken);

        private async Task<bool> MoveWhenOpenAsync(CancellationToken cancellationToken)
        {
            try
            {
                await call._opened.Task.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                call.Cancel();
                throw new RpcException(new Status(StatusCode.Cancelled, "The call was cancelled: so was the reading of its replies."));
            }
            if (call._replies is { } replies)
            {
                return await replies.MoveNext(cancellationToken);
            }
            throw new RpcException(call.Failure!.Status, call.Failure.Trailers);
        }
    }
}
