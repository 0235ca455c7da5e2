using Anywire.Tcp.Connections;
using Anywire.Tcp.Format;
using Grpc.Core;

namespace Anywire.Tcp.Server;

/// <summary>A call with a stream of requests, of replies, or of both.</summary>
internal sealed class StreamServerCall<TRequest, TResponse> : ServerCall
    where TRequest : class
    where TResponse : class
{
    private readonly StreamMethod<TRequest, TResponse> _method;
    private readonly MessageQueue<TRequest> _requests;
    private readonly MessageParts _parts;
    private readonly SendWindow _window;
    private readonly bool _isSingle;
    private bool _hasRequest;

    // Set when a reply was given up of which parts have gone: nothing may come after them but the end.
    private RpcException? _torn;

    public StreamServerCall(ServerConnection connection, StreamMethod<TRequest, TResponse> method, uint id, DateTime deadline, Metadata.Entry[]? headers)
        : base(connection, method, id, deadline, headers)
    {
        _method = method;
        _isSingle = method.Method.Type == MethodType.ServerStreaming;
        _requests = new MessageQueue<TRequest>(connection, () => id, connection.Window, connection.Unread, onCancelled: null);
        _window = new SendWindow(connection.Peer.Window);
        _parts = new MessageParts(connection.Unfinished);
    }

    public bool Open(FrameHeader header, ReadOnlyMemory<byte> payload)
    {
        if (_isSingle && !header.HasMore && !header.IsLast)
        {
            RefuseStream();
            return true;
        }
        if (!Connection.TryKeep(this))
        {
            return true;
        }
        if (header.HasMore || header.IsLast)
        {
            OnMessage(header, payload);
        }
        // A stream's handler runs for long, as a rule, and its context with it.
        using (ExecutionContext.SuppressFlow())
        {
            _ = Task.Run(RunAsync);
        }
        return true;
    }

    public override bool OnFrame(FrameHeader header, ReadOnlyMemory<byte> payload)
    {
        switch (header.Kind)
        {
            case FrameKind.Message:
                OnMessage(header, payload);
                return true;
            case FrameKind.HalfClose:
                _requests.End();
                return true;
            case FrameKind.Window:
                _window.Add(new PayloadReader(payload.Span).UInt32());
                return true;
            default:
                throw new ProtocolException($"it sent a frame of kind {(byte)header.Kind} for a call, which only a handler may");
        }
    }

    protected override void OnCancelled()
    {
        _requests.End(new RpcException(EarlyEnd));
        _window.Close();
    }

    private void OnMessage(FrameHeader header, ReadOnlyMemory<byte> payload)
    {
        if (_isSingle && _hasRequest)
        {
            throw new ProtocolException($"it sent more than one request of {_method.FullName}");
        }
        var isLast = !header.HasMore;
        if (_parts.Add(payload, isLast, _method.Contract.MaxRequestBytes, out var message) is { } refusal)
        {
            _parts.Close();
            _requests.End(refusal.For(_method.Method, "request", _method.Contract.MaxRequestBytes));
            return;
        }
        if (!isLast)
        {
            return;
        }
        var size = (int)message.Length;
        _method.Sizes.Request(size);
        var request = Connection.Source.Read(_method.Requests, message);
        _parts.Clear();
        if (request is null)
        {
            _requests.End(new RpcException(new Status(StatusCode.Internal, $"A request of {_method.FullName} cannot be read.")));
            return;
        }
        if (!_requests.Add(request, size))
        {
            _requests.End(new RpcException(new Status(
                StatusCode.ResourceExhausted,
                $"Too many requests that came in streams over one connection were not read yet to take another of {_method.FullName}. Try again in a moment.")));
            return;
        }
        _hasRequest = true;
        if (header.IsLast)
        {
            _requests.End();
        }
        else if (_isSingle)
        {
            throw new ProtocolException($"it sent a request of {_method.FullName} that is not the last, and there is only one");
        }
    }

    private async Task RunAsync()
    {
        RpcException? failure = null;
        // A caller whose time is over need not say so.
        using var overdue = CancellationToken.UnsafeRegister(static call => ((StreamServerCall<TRequest, TResponse>)call!).OnCancelled(), this);
        try
        {
            await _method.Handler(_requests, new ReplyWriter<TResponse>(WriteAsync), this);
        }
        catch (Exception error)
        {
            failure = FailureOf(error);
        }
        EndLifetime();
        _requests.End(drop: true);
        _parts.Close();
        _window.Close();
        SendStatus(failure ?? _torn);
    }

    private async Task WriteAsync(TResponse reply, bool isSingle, CancellationToken cancellationToken)
    {
        var buffers = Connection.Runtime.Buffers;
        var message = buffers.Take();
        Task? taken;
        try
        {
            _method.Write(message, reply);
            CloseHeaders();
            if (!isSingle)
            {
                await TakeRoomAsync(message.MessageLength, cancellationToken);
            }
            else if (Connection.IsOverfull)
            {
                // It waits for no window, so that nothing else bounds how many replies wait.
                throw Overfull;
            }
            if (IsCancelled)
            {
                // Its number may be another call's by now.
                throw new RpcException(EarlyEnd);
            }
            taken = Connection.Send(FrameKind.Message, FrameFlags.None, Id, message);
        }
        finally
        {
            buffers.Return(message);
        }
        if (taken is null)
        {
            return;
        }
        try
        {
            await taken.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            _torn = new RpcException(CancellationToken.IsCancellationRequested
                ? EarlyEnd
                : new Status(StatusCode.Cancelled, $"The handler of {_method.FullName} gave up a reply while it was being sent."));
            if (!IsCancelled)
            {
                Connection.Abandon(Id);
            }
            _window.Close();
            throw;
        }
    }

    private async Task TakeRoomAsync(int bytes, CancellationToken cancellationToken)
    {
        // Told to stop is told to stop, whatever room there is.
        if (CancellationToken.IsCancellationRequested)
        {
            throw new RpcException(EarlyEnd);
        }
        while (!_window.TryTake(bytes, out var arrived))
        {
            if (arrived is null)
            {
                throw _torn ?? new RpcException(EarlyEnd);
            }
            using var either = CancellationTokenSource.CreateLinkedTokenSource(CancellationToken, cancellationToken);
            await arrived.WaitAsync(either.Token);
        }
        try
        {
            // Its caller may have announced any window, and read nothing.
            while (!Connection.HasRoom(out var room))
            {
                using var either = CancellationTokenSource.CreateLinkedTokenSource(CancellationToken, cancellationToken);
                await room.WaitAsync(either.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // It was not sent, so its caller will never make room for it: a handler may go on with the next.
            _window.Add((uint)(bytes + SendWindow.MessageCost));
            throw;
        }
    }
}
