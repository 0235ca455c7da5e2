using System.Runtime.CompilerServices;
using Anywire.Tcp.Connections;
using Anywire.Tcp.Format;
using Grpc.Core;

namespace Anywire.Tcp.Client;

/// <summary>The caller's side of a call with one request and one reply.</summary>
internal sealed class UnaryCall<TRequest, TResponse> : ClientCall, IThreadPoolWorkItem
    where TRequest : class
    where TResponse : class
{
    private readonly ClientMethod<TRequest, TResponse> _method;
    private readonly TRequest _request;

    // Of all ways to make a task by hand the one that needs no object besides it.
    private AsyncTaskMethodBuilder<TResponse> _task;
    private MessageParts? _parts;
    private TResponse? _reply;
    private int _attempts;

    public UnaryCall(ClientMethod<TRequest, TResponse> method, TRequest request, in CallOptions options, TcpClient client)
        : base(options, client)
    {
        (_method, _request) = (method, request);
        _task = AsyncTaskMethodBuilder<TResponse>.Create();
        Task = _task.Task;
    }

    public Task<TResponse> Task { get; }

    public override ClientMethod Method => _method;

    protected override bool HasStatus => Task.IsCompleted;

    /// <summary>Sends it as soon as there is a connection.</summary>
    public void Start()
    {
        if (Token.IsCancellationRequested)
        {
            Cancel();
            return;
        }
        Client.Start(this);
        Watch();
    }

    public override void Open(ClientConnection connection)
    {
        if (IsEnded)
        {
            return;
        }
        _attempts++;
        var buffers = connection.Runtime.Buffers;
        var message = buffers.Take();
        try
        {
            if (connection.TryWriteHead(message, this) is { } problem)
            {
                Fail(problem);
                return;
            }
            message.Serialize(_method.Requests, _request);
            if (message.MessageLength > _method.Contract.MaxRequestBytes)
            {
                Fail(RpcErrors.TooLarge(_method.Method, "request", message.MessageLength, _method.Contract.MaxRequestBytes));
                return;
            }
            _method.Sizes.Request(message.MessageLength);
            if (connection.TryTakeId(this) is { } refusal)
            {
                Fail(refusal);
                return;
            }
            _ = connection.Send(FrameKind.Call, FrameFlags.Last, Id, message);
            // Whoever ended it meanwhile did not know what to tell the other side.
            if (IsEnded)
            {
                connection.SendCancel(Id);
                connection.Release(this);
            }
        }
        finally
        {
            buffers.Return(message);
        }
    }

    public override bool OnFrame(FrameHeader header, ReadOnlyMemory<byte> payload)
    {
        switch (header.Kind)
        {
            case FrameKind.Message:
                return OnMessage(header, payload);
            case FrameKind.Headers:
                OnHeaders(payload);
                return true;
            case FrameKind.Status:
                var (status, trailers) = StatusFormat.Read(payload.Span);
                return OnStatus(status, trailers);
            case FrameKind.Window:
                return true;
            default:
                throw new ProtocolException($"it sent a frame of kind {(byte)header.Kind} for a call, which only a caller may");
        }
    }

    void IThreadPoolWorkItem.Execute() => Complete();

    protected override bool Tell(bool onReader)
    {
        _parts?.Clear();
        var reader = Connection?.Reader;
        if (!onReader || !_method.Pace.IsShort)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            return true;
        }
        var role = reader!.Enter(_method.Pace);
        var begin = _method.Pace.Begin();
        Complete();
        _method.Pace.End(begin);
        return reader.Leave(role);
    }

    private bool OnMessage(FrameHeader header, ReadOnlyMemory<byte> payload)
    {
        if (_reply is not null)
        {
            return FailHere(new RpcException(new Status(StatusCode.Internal, $"The handler of {_method.FullName} gave more than one reply.")));
        }
        var isLast = !header.HasMore;
        var message = payload;
        var size = payload.Length;
        if (!isLast || _parts is not null || size > _method.Contract.MaxReplyBytes)
        {
            _parts ??= new MessageParts();
            if (_parts.Add(payload, isLast, _method.Contract.MaxReplyBytes, out message) is > 0 and var tooMany)
            {
                return FailHere(RpcErrors.TooLarge(_method.Method, "reply", tooMany, _method.Contract.MaxReplyBytes));
            }
            if (!isLast)
            {
                return true;
            }
            size = message.Length;
        }
        _method.Sizes.Response(size);
        var reply = Connection!.Source.Read(_method.Replies, message);
        _parts?.Clear();
        if (reply is null)
        {
            return FailHere(new RpcException(new Status(StatusCode.Internal, $"The reply of {_method.FullName} cannot be read.")));
        }
        _reply = reply;
        return !header.IsLast || OnStatus(Status.DefaultSuccess, null);
    }

    private bool OnStatus(Status status, Metadata? trailers)
    {
        RpcException? failure = null;
        if (status.StatusCode != StatusCode.OK)
        {
            failure = new RpcException(status, trailers ?? []);
            if (NotExecuted.IsMarked(failure) && TryElsewhere())
            {
                return true;
            }
        }
        else if (_reply is null)
        {
            failure = new RpcException(new Status(StatusCode.Internal, $"The handler of {_method.FullName} gave no reply."));
        }
        return !TryEnd(failure, trailers) || Finish(onReader: true);
    }

    /// <summary>What a server refused that shuts down was nobody's load: it goes to the next one at once, and costs no retry.</summary>
    private bool TryElsewhere()
    {
        var refusing = Connection!;
        refusing.IsDraining = true;
        if (IsEnded || Client.Elsewhere(this, _attempts) is not { } other)
        {
            return false;
        }
        refusing.Release(this);
        Open(other);
        return true;
    }

    private bool FailHere(RpcException failure)
    {
        if (!TryEnd(failure, null))
        {
            return true;
        }
        Connection!.SendCancel(Id);
        return Finish(onReader: true);
    }

    private void Complete()
    {
        if (Failure is null)
        {
            _task.SetResult(_reply!);
        }
        else
        {
            _task.SetException(Failure);
        }
    }
}
