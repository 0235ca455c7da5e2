using System.Buffers;
using Anywire.Tcp.Connections;
using Anywire.Tcp.Format;
using Grpc.Core;

namespace Anywire.Tcp.Server;

#pragma warning disable VSTHRD002 // The handler's task is looked at only once it has completed.

/// <summary>A call with one request and one reply.</summary>
internal sealed class UnaryServerCall<TRequest, TResponse>(
    ServerConnection connection, UnaryMethod<TRequest, TResponse> method, uint id, DateTime deadline, Metadata.Entry[]? headers)
    : ServerCall(connection, method, id, deadline, headers), IThreadPoolWorkItem
    where TRequest : class
    where TResponse : class
{
    private TRequest? _request;
    private MessageParts? _parts;
    private bool _isWhole;
    private Task<TResponse>? _handling;

    private RpcException Unreadable => new(new Status(StatusCode.Internal, $"The request of {method.FullName} cannot be read."));

    public bool Open(FrameHeader header, ReadOnlyMemory<byte> payload)
    {
        if (!header.HasMore && !header.IsLast)
        {
            RefuseStream();
            return true;
        }
        if (!header.HasMore && payload.Length <= method.Contract.MaxRequestBytes)
        {
            return Read(Connection.Source, new ReadOnlySequence<byte>(payload)) ? Run() : Refuse(Unreadable);
        }
        if (Connection.TryKeep(this))
        {
            _parts = new MessageParts(Connection.Unfinished);
            OnPart(header, payload);
        }
        return true;
    }

    public override bool OnFrame(FrameHeader header, ReadOnlyMemory<byte> payload)
    {
        if (header.Kind == FrameKind.Message && _parts is not null && !_isWhole)
        {
            return OnPart(header, payload);
        }
        return header.Kind is FrameKind.HalfClose or FrameKind.Window ? true : throw new ProtocolException($"it sent more than one request of {method.FullName}");
    }

    void IThreadPoolWorkItem.Execute()
    {
        if (IsCancelled && _parts is null)
        {
            // It has waited, and nobody wants its answer any more.
            _request = null;
            EndLifetime();
            return;
        }
        if (_parts is null || ReadParts(_parts))
        {
            Handle();
        }
    }

    protected override void OnCancelled()
    {
        // Not always on the reading thread, which may have the last part just now.
        if (_parts is { } parts && !_isWhole)
        {
            parts.Close();
            Connection.Forget(this);
        }
    }

    private bool OnPart(FrameHeader header, ReadOnlyMemory<byte> payload)
    {
        var isLast = !header.HasMore;
        if (_parts!.Add(payload, isLast, method.Contract.MaxRequestBytes, out _) is { } refusal)
        {
            return Refuse(refusal.For(method.Method, "request", method.Contract.MaxRequestBytes));
        }
        if (isLast)
        {
            // It is large, and others' requests wait behind it.
            _isWhole = true;
            Connection.Runtime.Handoff.Run(this);
        }
        return true;
    }

    private bool ReadParts(MessageParts parts)
    {
        var isRead = !IsCancelled && Read(new MessageSource(), parts.Message);
        parts.Clear();
        _parts = null;
        if (!isRead)
        {
            Refuse(Unreadable);
        }
        return isRead;
    }

    private bool Read(MessageSource source, in ReadOnlySequence<byte> message)
    {
        method.Sizes.Request((int)message.Length);
        _request = source.Read(method.Requests, message);
        return _request is not null;
    }

    private bool Refuse(RpcException failure)
    {
        _parts = null;
        // First: who has the answer may give the number to another call at once.
        Connection.Forget(this);
        SendStatus(failure);
        return true;
    }

    private bool Run()
    {
        if (!method.Pace.IsShort)
        {
            if (Connection.TryKeep(this))
            {
                Connection.Runtime.Handoff.Run(this);
            }
            return true;
        }
        var reader = Connection.Reader;
        Connection.Inline = this;
        var role = reader.Enter(method.Pace);
        Handle();
        return reader.Leave(role);
    }

    private void Handle()
    {
        var begin = method.Pace.Begin();
        var request = _request!;
        _request = null;
        try
        {
            _handling = method.Handler(request, this);
        }
        catch (Exception error)
        {
            _handling = Task.FromException<TResponse>(error);
        }
        if (_handling.IsCompleted)
        {
            End();
        }
        else
        {
            // Also when it is not kept: nobody is answered then, but what is held for it must be let go of.
            _ = Connection.TryKeep(this);
            _handling.GetAwaiter().UnsafeOnCompleted(End);
        }
        method.Pace.End(begin);
        // A handler's trace is not the next call's.
        ExecutionContext.Restore(Connection.Reader.Context);
    }

    private void End()
    {
        EndLifetime();
        try
        {
            Answer(_handling!.GetAwaiter().GetResult());
        }
        catch (Exception error)
        {
            SendStatus(FailureOf(error));
        }
    }

    // By itself, for what it keeps is made for each call that passes by here otherwise.
    private void SendStatusAfter(Task<bool> taken) => taken.GetAwaiter().UnsafeOnCompleted(() =>
    {
        if (taken.Result)
        {
            SendStatus(null);
        }
    });

    private void Answer(TResponse? reply)
    {
        if (Status.StatusCode != StatusCode.OK)
        {
            SendStatus(null);
            return;
        }
        if (reply is null)
        {
            throw new RpcException(new Status(StatusCode.Internal, $"The handler of {method.FullName} gave no reply."));
        }
        if (IsCancelled)
        {
            return;
        }
        if (Connection.IsOverfull)
        {
            SendStatus(Overfull);
            return;
        }
        var buffers = Connection.Runtime.Buffers;
        var message = buffers.Take();
        try
        {
            method.Write(message, reply);
            if (EndsPlainly)
            {
                _ = Connection.Send(FrameKind.Message, FrameFlags.Last, Id, message);
            }
            else if (Connection.Send(FrameKind.Message, FrameFlags.None, Id, message) is { } taken)
            {
                SendStatusAfter(taken);
            }
            else
            {
                SendStatus(null);
            }
        }
        finally
        {
            buffers.Return(message);
        }
    }
}
