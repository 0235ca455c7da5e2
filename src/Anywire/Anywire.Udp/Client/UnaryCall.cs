using System.Buffers;
using Anywire.Client;
using Anywire.Udp.Format;
using Grpc.Core;

namespace Anywire.Udp.Client;

/// <summary>The caller's side of a call that is answered.</summary>
internal sealed partial class UnaryCall<TRequest, TResponse> : PendingCall
    where TRequest : class
    where TResponse : class
{
    private readonly UdpClientSide _client;
    private readonly ClientMethod _known;
    private readonly Method<TRequest, TResponse> _method;
    private readonly DateTime _deadline;
    private readonly CancellationToken _token;
    private readonly TaskCompletionSource<TResponse> _reply = new();
    private TaskCompletionSource<Metadata>? _headersWanted;
    private volatile Metadata? _headers;
    private CancellationTokenRegistration _onCancel;
    private volatile ClientSession? _session;
    private Status _status;
    private Metadata? _trailers;
    private int _refusals;
    private volatile bool _hasEnded;

    /// <param name="client">Where to.</param>
    /// <param name="known">What is known of the method.</param>
    /// <param name="method">The method.</param>
    /// <param name="options">Until when.</param>
    /// <param name="policy">Whether and when it is tried again; null: never.</param>
    public UnaryCall(UdpClientSide client, ClientMethod known, Method<TRequest, TResponse> method, in CallOptions options, IAttempts? policy)
    {
        (_client, _known, _method, _token, _attempts) = (client, known, method, options.CancellationToken, new AttemptedCall(policy));
        _deadline = options.Deadline?.ToUniversalTime() ?? DateTime.MaxValue;
        // The deadline of an event is for handing it over, and does not travel with it.
        Expires = _deadline != DateTime.MaxValue && known.Contract.Delivery != Delivery.AtLeastOnce;
    }

    public Task<TResponse> Reply => _reply.Task;

    public Status Status => _hasEnded ? _status : throw NotEnded("status");

    public Metadata Trailers => _hasEnded ? _trailers ?? [] : throw NotEnded("trailers");

    public Task<Metadata> Headers
    {
        get
        {
            var made = new TaskCompletionSource<Metadata>(TaskCreationOptions.RunContinuationsAsynchronously);
            // A full fence: either we see the headers, or whoever brings them sees that they are wanted.
            var wanted = Interlocked.CompareExchange(ref _headersWanted, made, null) ?? made;
            if ((_headers is not null && TellsHeadersAtOnce) || _hasEnded)
            {
                wanted.TrySetResult(_headers ?? []);
            }
            return wanted.Task;
        }
    }

    /// <summary>Sends the request; however that goes, the call ends.</summary>
    public void Start(TRequest request, Metadata? metadata)
    {
        if (_token.IsCancellationRequested)
        {
            Fail(Cancelled);
            return;
        }
        var time = _client.Options.Time;
        var now = time.GetTimestamp();
        if (_deadline != DateTime.MaxValue)
        {
            var left = _deadline - time.GetUtcNow().UtcDateTime;
            if (left <= TimeSpan.Zero)
            {
                Fail(new Status(StatusCode.DeadlineExceeded, "The deadline had passed before the call was sent."));
                return;
            }
            DeadlineAt = time.After(now, left);
        }
        try
        {
            Write(request, metadata);
        }
        catch (RpcException unfit)
        {
            Fail(unfit.Status, unfit.Trailers);
            return;
        }
        catch (Exception error)
        {
            Fail(new Status(StatusCode.Internal, $"The request of {_method.FullName} could not be sent.", error));
            return;
        }
        if (_token.CanBeCanceled)
        {
            _onCancel = _token.UnsafeRegister(static call => ((UnaryCall<TRequest, TResponse>)call!).Cancel(), this);
            if (Volatile.Read(ref _state) == Ended)
            {
                _onCancel.Unregister();
                return;
            }
        }
        Send(now);
    }

    public void Cancel()
    {
        if (Interlocked.Exchange(ref _state, Ended) == Ended)
        {
            return;
        }
        if (_session is { } session && session.Forget(this))
        {
            session.TellCancelled(this);
        }
        var failure = new RpcException(Cancelled);
        End(failure.Status, null, failure);
        FailLater(failure);
        if (Volatile.Read(ref _waiting) is { } waiting)
        {
            _ = waiting.CancelAsync();
        }
    }

    public override void TakeHandled()
    {
        _known.Sizes.Response(0);
        TResponse reply;
        try
        {
            reply = _method.ResponseMarshaller.ContextualDeserializer(Nothing.Instance);
        }
        catch (Exception error)
        {
            Fail(new Status(StatusCode.Internal, $"The answer to {_method.FullName} is empty, and that is no {typeof(TResponse).Name}.", error));
            return;
        }
        TrySucceed(Status.DefaultSuccess, null, reply);
    }

    public override void TakeEnd(MessageReader end)
    {
        try
        {
            var code = (StatusCode)end.Byte();
            var flags = end.Byte();
            var status = new Status(code, end.Text());
            if ((flags & Messages.HasHeaders) != 0)
            {
                TakeHeaders(end.Metadata() ?? []);
            }
            var trailers = end.Metadata();
            var left = end.Left;
            var reply = code == StatusCode.OK && (flags & Messages.HasReply) != 0 && left <= _known.Contract.MaxReplyBytes ? end.Body(_method.ResponseMarshaller) : null;
            end.Release();
            if (code != StatusCode.OK)
            {
                TakeFailure(status, trailers);
            }
            else if ((flags & Messages.HasReply) == 0)
            {
                Fail(new Status(StatusCode.Internal, $"The handler of {_method.FullName} gave no reply."), trailers, inline: true);
            }
            else if (reply is null)
            {
                Fail(RpcErrors.TooLarge(_method, "reply", left, _known.Contract.MaxReplyBytes).Status, null, inline: true);
            }
            else
            {
                _known.Sizes.Response(left);
                TrySucceed(status, trailers, reply);
            }
        }
        catch (MalformedMessageException)
        {
            end.Release();
            Fail(new Status(StatusCode.Internal, $"The answer to {_method.FullName} cannot be read."), null, inline: true);
            throw;
        }
    }

    public override void TakeHeaders(Metadata headers)
    {
        _headers ??= headers;
        if (TellsHeadersAtOnce)
        {
            TellHeaders();
        }
    }

    public override void Fail(Status status, Metadata? trailers = null) => Fail(status, trailers, inline: false);

    // What may be tried again has its headers at its end.
    private bool TellsHeadersAtOnce => !_attempts.MayRepeat || !_known.Contract.IsIdempotent;

    private static Status Cancelled => new(StatusCode.Cancelled, "The call was cancelled.");

    private void TakeFailure(Status status, Metadata? trailers)
    {
        var isRefusal = status.StatusCode == StatusCode.Unavailable && trailers?.Get(NotExecuted.TrailerKey) is not null;
        if (isRefusal && _session is { } refusing)
        {
            refusing.IsLeaving = true;
            if (++_refusals < _client.Options.Endpoints.Count && _client.HasOther(refusing))
            {
                // It was nobody's load yet, so going elsewhere is no retry.
                HoldAnother();
                Send(_client.Options.Time.GetTimestamp());
                return;
            }
        }
        Fail(status, trailers, inline: true);
    }

    private void Send(long now)
    {
        try
        {
            if (_client.Connected is { } session)
            {
                SendTo(session, now);
                return;
            }
            _ = ConnectAndSendAsync();
        }
        catch (RpcException refused)
        {
            Fail(refused.Status, refused.Trailers);
        }
    }

    private async Task ConnectAndSendAsync()
    {
        try
        {
            using var patience = new CallLifetime(_deadline, _client.Options.Time, _token);
            try
            {
                SendTo(await _client.ConnectedAsync(patience.Token), _client.Options.Time.GetTimestamp());
            }
            catch (OperationCanceledException)
            {
                Fail(patience.EarlyEnd);
            }
        }
        catch (RpcException unreachable)
        {
            Fail(unreachable.Status, unreachable.Trailers);
        }
        catch (Exception error)
        {
            Fail(new Status(StatusCode.Internal, $"The request of {_method.FullName} could not be sent.", error));
        }
    }

    private void SendTo(ClientSession session, long now)
    {
        _session = session;
        if (Volatile.Read(ref _state) == Ended)
        {
            // It was given up while there was no connection: nothing of it is sent.
            return;
        }
        session.Begin(this, now);
        if (Volatile.Read(ref _state) == Ended && session.Forget(this))
        {
            // It was given up meanwhile.
            session.TellCancelled(this);
        }
    }

    private void Write(TRequest request, Metadata? metadata)
    {
        var writer = _client.RentWriter();
        try
        {
            _known.Write(writer, isAnswered: true, metadata, _method.RequestMarshaller, request);
            _known.Sizes.Request(writer.BodyLength);
            Hold(writer.Finish());
        }
        finally
        {
            _client.ReturnWriter(writer);
        }
    }

    private static InvalidOperationException NotEnded(string what) => new($"The call has not ended, so it has no {what} yet: await its reply first.");

    private sealed class Nothing : DeserializationContext
    {
        public static readonly Nothing Instance = new();

        public override int PayloadLength => 0;

        public override byte[] PayloadAsNewBuffer() => [];

        public override ReadOnlySequence<byte> PayloadAsReadOnlySequence() => ReadOnlySequence<byte>.Empty;
    }
}
