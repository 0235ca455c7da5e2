using System.Buffers.Binary;
using System.Net.Sockets;
using Anywire.Udp.Diagnostics;
using Anywire.Udp.Format;
using Anywire.Udp.Sockets;
using Grpc.Core;

namespace Anywire.Udp.Server;

internal sealed partial class UdpServer
{
    // Of the datagram that is open; of the thread that receives.
    private ServerSession? _session;
    private bool _isProbed;

    public bool Open(Memory<byte> datagram, PeerAddress from, MessageReader messages)
    {
        if (!Datagram.TryRead(datagram.Span, out var head) && (datagram.Length < PlainFormat.HelloBytes || _control is not null))
        {
            RefusedDatagrams.Count("malformed");
            return false;
        }
        if (head.Kind == DatagramKind.Hello && _control is null)
        {
            Welcome(datagram.Span, from);
            return false;
        }
        if (_sessions.Find(head.Session) is not { } session)
        {
            RefusedDatagrams.Count("unknown");
            if (_control is null && head.Kind == DatagramKind.Plain)
            {
                TrySend(PlainFormat.Unknown(head.Session), from);
            }
            return false;
        }
        if (session.Open(head, datagram, messages) is { } problem)
        {
            RefusedDatagrams.Count(problem);
            return false;
        }
        (_session, _isProbed) = (session, false);
        session.HeardAt = _options.Time.GetTimestamp();
        if (head.Counter + 1 == session.Window.Next)
        {
            session.HearFrom(from);
        }
        session.Report(WindowOfOne, isAsked: false);
        return true;
    }

    public void Take(MessageReader message)
    {
        var session = _session!;
        switch (message.Kind)
        {
            case MessageKind.Event:
                TakeEvent(session, message);
                break;
            case MessageKind.Request:
                TakeRequest(session, message);
                break;
            case MessageKind.Cancel:
                var cancelled = session.Calls.Cancel(message.UInt64());
                message.Release();
                cancelled?.Cancel();
                break;
            case MessageKind.Probe when !_isProbed:
                // Once, however many there are in a datagram: each report is a datagram of its own.
                _isProbed = true;
                session.Report(WindowOfOne, isAsked: true);
                break;
            case MessageKind.Leaving:
                // A caller takes no calls, so that it takes no new ones means nothing.
                var hasGone = message.Byte() != 0;
                message.Release();
                if (_control is null && hasGone)
                {
                    End(session);
                    Remove(session);
                }
                break;
            default:
                // A later version may have more to say.
                break;
        }
    }

    public void Refuse(MalformedMessageException problem)
    {
        RefusedDatagrams.Count("malformed");
        _logger.Malformed(_session?.Caller ?? "an unnamed caller", problem.Message);
    }

    public void Broke(Exception error) => _logger.MessageFailed(_session?.Caller ?? "an unnamed caller", error);

    public void RanDry()
    {
        while (true)
        {
            List<ServerSession> flushing;
            lock (_lock)
            {
                if (_touched.Count == 0)
                {
                    return;
                }
                flushing = _touched;
                _touched = _spare ?? [];
                _spare = null;
            }
            foreach (var session in flushing)
            {
                session.Flush();
            }
            flushing.Clear();
            lock (_lock)
            {
                _spare = flushing;
            }
        }
    }

    public void Failed(SocketException error)
    {
        // Some caller no longer listens for its answers: that is its own business, and of its control connection.
    }

    private void TakeEvent(ServerSession session, MessageReader message)
    {
        if (!_handlers.TryGetValue(message.UInt32(), out var handler))
        {
            throw new MalformedMessageException("An event is for a method that is not here.");
        }
        Run(handler, ServerCall.OfEvent(session, handler.FullName, message.Metadata(), _options.Time, _options.Loggers), message);
    }

    private void Run(MethodHandler handler, ServerCall call, MessageReader message)
    {
        try
        {
            handler.Run(call, message);
        }
        catch (Exception error) when (error is not MalformedMessageException)
        {
            // Nobody else would catch it, and others' calls come by this thread.
            _logger.CallFailed(handler.FullName, error);
            MethodHandler.FailOnTheWay(call);
        }
    }

    private void TakeRequest(ServerSession session, MessageReader message)
    {
        var id = message.UInt64();
        var remaining = message.UInt32();
        var method = message.UInt32();
        var metadata = message.Metadata();
        if (session.HasEnded)
        {
            return;
        }
        Volatile.Write(ref _lastRequestAt, session.HeardAt);
        _ = _handlers.TryGetValue(method, out var handler);
        var call = ServerCall.OfRequest(session, id, handler?.FullName ?? "", remaining, metadata, _options.Time, _options.Loggers);
        var known = session.Calls.Begin(id, call);
        if (!known.IsKnown)
        {
            known.Running?.Cancel();
            if (session.HasEnded)
            {
                // Since it was looked at; whoever ended it may not have seen the call.
                call.Cancel();
            }
            if (handler is null)
            {
                MethodHandler.Fail(call, new Status(StatusCode.Unimplemented, "The service has no such method on this wire."), null);
                return;
            }
            Run(handler, call, message);
        }
        else if (known.IsOver)
        {
            // It was on its way for long.
        }
        else if (known.Running is { } running)
        {
            running.ComesAgain();
        }
        else if (known.Answer is { } answer)
        {
            session.Add(answer);
        }
        else
        {
            session.Add(id, static (writer, call) => writer.OfCall(MessageKind.Handled, call));
        }
    }

    private void Welcome(ReadOnlySpan<byte> hello, PeerAddress from)
    {
        if (hello.Length != PlainFormat.HelloBytes || hello[1] != Datagram.Version || BinaryPrimitives.ReadUInt64BigEndian(hello[2..]) is var instance && instance == 0)
        {
            RefusedDatagrams.Count("malformed");
            return;
        }
        var session = _sessions.FindInstance(instance);
        if (session is null && _isLeaving)
        {
            // It would end at once, and its caller might not hear of that; whoever listens here next answers.
            return;
        }
        if (session is null)
        {
            if (_sessions.Count >= _options.Limits.MaxConnections && _sessions.RemoveQuietest() is { } quietest)
            {
                End(quietest);
            }
            session = Open(null, null, instance);
        }
        if (session is null)
        {
            return;
        }
        session.HearFrom(from);
        TrySend(PlainFormat.Welcome(instance, session.Id, WindowOfOne), from);
    }

    private void TrySend(ReadOnlySpan<byte> datagram, PeerAddress to)
    {
        try
        {
            _socket.Send(datagram, to);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // Whoever asked asks again.
        }
    }
}
