using System.Buffers;
using System.Runtime.CompilerServices;
using Anywire.Client;
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
    private Answer? _answer;
    private TResponse? _reply;
    private CancellationTokenSource? _waiting;
    private AttemptedCall _attempts;
    private int _addressesTried;

    /// <param name="method">The method.</param>
    /// <param name="request">Its request.</param>
    /// <param name="options">As whom, until when.</param>
    /// <param name="client">Where to.</param>
    /// <param name="policy">Whether and when it is tried again; null: never.</param>
    public UnaryCall(ClientMethod<TRequest, TResponse> method, TRequest request, in CallOptions options, TcpClient client, IAttempts? policy)
        : base(options, client)
    {
        (_method, _request, _attempts) = (method, request, new AttemptedCall(policy));
        _task = AsyncTaskMethodBuilder<TResponse>.Create();
        Reply = _task.Task;
    }

    public Task<TResponse> Reply { get; }

    public override ClientMethod Method => _method;

    protected override bool HasStatus => Reply.IsCompleted;

    protected override bool TellsHeadersAtOnce => !_attempts.MayRepeat || !_method.Contract.IsIdempotent;

    protected override FrameFlags FirstFlags => FrameFlags.Last;

    public override void Fail(RpcException failure) => FailAttempt(failure, null, onReader: false);

    public override void OnLost(ClientConnection connection, RpcException failure) => FailAttempt(failure, null, onReader: false, connection);

    void IThreadPoolWorkItem.Execute() => CompleteMeasured();

    protected override RpcException? WriteFirst(ClientConnection connection, MessageBuffer message)
    {
        _addressesTried++;
        return _method.Write(message, _request);
    }

    protected override void OnNotSent(ClientConnection connection, RpcException problem)
    {
        if (NotExecuted.IsMarked(problem) && Instead(connection) is { } other)
        {
            Open(other);
            return;
        }
        Fail(problem);
    }

    protected override bool Tell(bool onReader)
    {
        Volatile.Read(ref _answer)?.Parts?.Close();
        TellAttempts();
        if (Volatile.Read(ref _waiting) is { } waiting)
        {
            _ = waiting.CancelAsync();
        }
        if (Connection is not { } connection)
        {
            Client.Handoff.Run(this);
            return true;
        }
        if (!onReader || !_method.Pace.IsShort || !connection.Reader.IsReadingThread)
        {
            connection.Runtime.Handoff.Run(this);
            return true;
        }
        var reader = connection.Reader;
        var role = reader.Enter(_method.Pace);
        CompleteMeasured();
        return reader.Leave(role);
    }

    private void TellAttempts()
    {
        try
        {
            _attempts.End(_method.Method, Failure);
        }
        catch (Exception error)
        {
            // Of whoever listens to metrics: the call has ended all the same.
            Client.Logger.Failed(error);
        }
    }

    protected override bool OnMessage(ClientConnection connection, FrameHeader header, ReadOnlyMemory<byte> payload)
    {
        if (header.IsLast && !header.HasMore && payload.Length <= _method.Contract.MaxReplyBytes && Volatile.Read(ref _answer) is null)
        {
            _method.Response(payload.Length);
            return OnReply(connection, connection.Source.Read(_method.Replies, new ReadOnlySequence<byte>(payload)));
        }
        return AnswerOver(connection) is not { } answer || OnPart(connection, answer, header, payload);
    }

    private bool OnPart(ClientConnection connection, Answer answer, FrameHeader header, ReadOnlyMemory<byte> payload)
    {
        if (answer.HasReply)
        {
            return FailHere(connection, new RpcException(new Status(StatusCode.Internal, $"The handler of {_method.FullName} gave more than one reply.")));
        }
        var message = new ReadOnlySequence<byte>(payload);
        if (header.HasMore || answer.Parts is not null || payload.Length > _method.Contract.MaxReplyBytes)
        {
            answer.Parts ??= new MessageParts(connection.Unfinished);
            if (answer.Parts.Add(payload, !header.HasMore, _method.Contract.MaxReplyBytes, out message) is { } refusal)
            {
                return FailHere(connection, refusal.For(_method.Method, "reply", _method.Contract.MaxReplyBytes));
            }
            if (header.HasMore)
            {
                if (Volatile.Read(ref _answer) != answer)
                {
                    // Forgotten before it had any.
                    answer.Parts.Close();
                }
                CloseIfEnded(answer.Parts);
                return true;
            }
        }
        answer.HasReply = true;
        var size = (int)message.Length;
        _method.Response(size);
        if (size > FrameHeader.MaxPayload && header.IsLast)
        {
            return OnLargeReply(connection, answer.Parts!, message);
        }
        var reply = connection.Source.Read(_method.Replies, message);
        answer.Parts?.Clear();
        if (header.IsLast || reply is null)
        {
            return OnReply(connection, reply);
        }
        answer.Reply = reply;
        return true;
    }

    private bool OnReply(ClientConnection connection, TResponse? reply) =>
        reply is null ? FailHere(connection, Unreadable()) : Succeed(connection, reply, null);

    private bool OnLargeReply(ClientConnection connection, MessageParts parts, in ReadOnlySequence<byte> message)
    {
        // It is answered, and in time: what becomes of the connection does not touch it any more, nor does its deadline.
        if (connection.Release(this))
        {
            // Others' replies wait behind this one.
            connection.Runtime.Handoff.Run(new LargeReply(this, parts, message));
        }
        else
        {
            parts.Clear();
        }
        return true;
    }

    private void ReadLargeReply(MessageParts parts, in ReadOnlySequence<byte> message)
    {
        var reply = new MessageSource().Read(_method.Replies, message);
        parts.Clear();
        if (TryEnd(reply is null ? Unreadable() : null, null))
        {
            _reply = reply;
            FinishReleased(onReader: false);
        }
    }

    /// <returns>What has come of the answer over a connection; null when that is lost, and the call is on its way over another.</returns>
    private Answer? AnswerOver(ClientConnection connection)
    {
        while (true)
        {
            var known = Volatile.Read(ref _answer);
            if (known?.Connection == connection)
            {
                return known;
            }
            var answer = new Answer(connection);
            if (Connection != connection)
            {
                return null;
            }
            if (Interlocked.CompareExchange(ref _answer, answer, known) == known)
            {
                // Of a connection that was lost in the middle of it.
                known?.Parts?.Close();
                return answer;
            }
        }
    }

    private RpcException Unreadable() => new(new Status(StatusCode.Internal, $"The reply of {_method.FullName} cannot be read."));

    protected override bool OnStatus(ClientConnection connection, Status status, Metadata? trailers)
    {
        if (status.StatusCode != StatusCode.OK)
        {
            // What is left of a large request is for nobody.
            connection.Abandon(Id);
            var failure = new RpcException(status, trailers ?? []);
            return (NotExecuted.IsMarked(failure) && TryElsewhere(connection)) || FailAttempt(failure, trailers, onReader: true, connection);
        }
        if (AnswerOver(connection)?.Reply is not { } reply)
        {
            return FailAttempt(new RpcException(new Status(StatusCode.Internal, $"The handler of {_method.FullName} gave no reply.")), trailers, onReader: true, connection);
        }
        return Succeed(connection, reply, trailers);
    }

    private bool Succeed(ClientConnection connection, TResponse reply, Metadata? trailers)
    {
        if (!connection.Release(this))
        {
            // The connection was lost, and whoever lost it decides what becomes of the call.
            return true;
        }
        if (!TryEnd(null, trailers))
        {
            return true;
        }
        _reply = reply;
        return FinishReleased(onReader: true);
    }

    /// <summary>The connection has let go of it, and it goes on over another.</summary>
    private void ForgetAttempt()
    {
        // In this order: what still comes over the connection looks whether it is the call's.
        Connection = null;
        Interlocked.Exchange(ref _answer, null)?.Parts?.Close();
        ForgetHeaders();
    }

    /// <param name="failure">How the attempt ended.</param>
    /// <param name="trailers">What came with that.</param>
    /// <param name="onReader">As in <see cref="ClientCall.Finish"/>.</param>
    /// <param name="over">The connection that it went over; the call may be on its way over another by now. Null when it was none.</param>
    private bool FailAttempt(RpcException failure, Metadata? trailers, bool onReader, ClientConnection? over = null)
    {
        var connection = Connection;
        // Whoever takes it off the connection decides what becomes of it.
        if (IsEnded || (over is not null && over != connection) || (connection is not null && !connection.Release(this)))
        {
            return true;
        }
        var last = failure;
        if (_attempts.Next(_method.Method, _method.Contract, ref last, DeadlineNow()) is not { } wait)
        {
            return !TryEnd(last, ReferenceEquals(last, failure) ? trailers : last.Trailers) || Finish(onReader);
        }
        ForgetAttempt();
        _ = TryAgainAsync(wait);
        return true;
    }

    private async Task TryAgainAsync(TimeSpan wait)
    {
        var waiting = new CancellationTokenSource();
        Volatile.Write(ref _waiting, waiting);
        if (!IsEnded)
        {
            await Task.Delay(wait, Client.Time, waiting.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        if (!IsEnded)
        {
            _addressesTried = 0;
            OpenAgain(over: null);
        }
    }

    /// <param name="over">Which connection; null: any.</param>
    private void OpenAgain(ClientConnection? over)
    {
        try
        {
            if (over is null)
            {
                Client.Start(this);
            }
            else
            {
                Open(over);
            }
        }
        catch (Exception error)
        {
            // The first time its caller was told by that; now nobody else is there to be.
            Fail(NotWritten(error));
        }
    }

    /// <summary>What a server refused that shuts down was nobody's load: it goes to the next one at once, and costs no retry.</summary>
    private bool TryElsewhere(ClientConnection refusing)
    {
        if (Instead(refusing) is not { } other)
        {
            return false;
        }
        if (refusing.Release(this))
        {
            ForgetAttempt();
            OpenAgain(other);
        }
        return true;
    }

    private ClientConnection? Instead(ClientConnection refusing)
    {
        refusing.IsDraining = true;
        return IsEnded ? null : Client.Elsewhere(this, _addressesTried);
    }

    private bool FailHere(ClientConnection connection, RpcException failure)
    {
        if (!connection.Release(this, out var id))
        {
            return true;
        }
        // Also when somebody else ends it this moment: they find that the connection has it no more.
        connection.SendCancel(id);
        return !TryEnd(failure, null) || FinishReleased(onReader: true);
    }

    private void CompleteMeasured()
    {
        var begin = _method.Pace.Begin();
        Complete();
        _method.Pace.End(begin);
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

    /// <summary>What has come of an answer that is not a whole reply and the status with it. The thread that reads its connection fills it; whoever ends the call closes its parts.</summary>
    private sealed class Answer(ClientConnection connection)
    {
        public ClientConnection Connection { get; } = connection;

        /// <summary>The parts of a reply that came in several; null as long as none has.</summary>
        public MessageParts? Parts { get; set; }

        /// <summary>Whether a whole reply has come.</summary>
        public bool HasReply { get; set; }

        /// <summary>That reply; the status is still to come.</summary>
        public TResponse? Reply { get; set; }
    }

    private sealed class LargeReply(UnaryCall<TRequest, TResponse> call, MessageParts parts, ReadOnlySequence<byte> message) : IThreadPoolWorkItem
    {
        public void Execute() => call.ReadLargeReply(parts, message);
    }
}
