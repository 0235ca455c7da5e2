using Anywire.Diagnostics;
using Anywire.Messaging.Format;
using Grpc.Core;

namespace Anywire.Messaging.Client;

/// <summary>The caller's side of one call with one request.</summary>
internal abstract class BrokeredCall<TRequest, TResponse> : PendingCall
    where TRequest : class
    where TResponse : class
{
    private readonly CallLifetime _lifetime;
    private readonly Metadata? _metadata;
    private readonly DateTime _expiry;
    private readonly TaskCompletionSource<Metadata> _headers = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenRegistration _onEarly;
    private CancellationTokenRegistration _onClosed;
    private Status _status;
    private Metadata _trailers = [];
    private int _isEnding;
    private volatile bool _hasEnded;
    private volatile bool _isSent;

    protected BrokeredCall(Caller caller, Method<TRequest, TResponse> method, in CallOptions options)
    {
        (Caller, Method, _metadata) = (caller, method, options.Headers);
        _expiry = options.Deadline?.ToUniversalTime() ?? DateTime.MaxValue;
        Contract = caller.Options.Contracts[method];
        Sizes = MessageSizes.OfClient(method, caller.Wire);
        _lifetime = new CallLifetime(_expiry, caller.Options.Time, options.CancellationToken);
    }

    public Status Status => _hasEnded ? _status : throw NotEnded("status");

    public Metadata Trailers => _hasEnded ? _trailers : throw NotEnded("trailers");

    public Task<Metadata> Headers => _headers.Task;

    protected Caller Caller { get; }

    protected Method<TRequest, TResponse> Method { get; }

    protected MethodContract Contract { get; }

    protected MessageSizes Sizes { get; }

    /// <summary>How many bytes of a stream may come before any were consumed.</summary>
    protected virtual int Credit => 0;

    /// <summary>Sends the request; however that goes, the call ends.</summary>
    public void Start(TRequest request)
    {
        if (_lifetime.Token.IsCancellationRequested)
        {
            Fail(_lifetime.EarlyEnd);
            return;
        }
        _onEarly = _lifetime.Token.UnsafeRegister(static call => ((BrokeredCall<TRequest, TResponse>)call!).EndEarly(), this);
        _onClosed = Caller.Closed.UnsafeRegister(static call => ((BrokeredCall<TRequest, TResponse>)call!).Cancel(), this);
        _ = SendAsync(request);
    }

    public void Cancel() => _lifetime.Cancel();

    public override void Fail(Status status, Metadata? trailers = null) => TryEnd(status, trailers ?? [], null);

    /// <summary>Ends a call whose handler may still run: it is told to stop.</summary>
    protected void Abandon(Status status)
    {
        // In this order: how a cancelled handler ends must not become how the call ended.
        TryEnd(status, [], null);
        _ = TellCancelAsync();
    }

    /// <summary>The broker answers for the call: it will be handled.</summary>
    protected virtual void Accept() => throw new NotSupportedException($"{Method.FullName} is answered by its handler alone.");

    /// <summary>Tells whoever waits; called once.</summary>
    protected abstract void Finish(RpcException? failure, TResponse? reply);

    protected void SetHeaders(Metadata headers) => _headers.TrySetResult(headers);

    protected void TryEnd(Status status, Metadata trailers, TResponse? reply)
    {
        if (Interlocked.Exchange(ref _isEnding, 1) != 0)
        {
            return;
        }
        Caller.Remove(this);
        (_status, _trailers) = (status, trailers);
        _hasEnded = true;
        _headers.TrySetResult([]);
        _onEarly.Unregister();
        _onClosed.Unregister();
        _lifetime.Dispose();
        Finish(status.StatusCode == StatusCode.OK ? null : new RpcException(status, trailers), reply);
    }

    private async Task SendAsync(TRequest request)
    {
        try
        {
            await Caller.Link.OpenAsync(_lifetime.Token);
            var isEvent = Contract.Delivery == Delivery.AtLeastOnce;
            // The deadline of an event is for handing it over, and does not travel with it.
            var message = isEvent ? Write(MessageKind.Event, Caller.Options.Time.GetUtcNow().UtcDateTime, request) : Write(MessageKind.Request, _expiry, request);
            Caller.Add(this);
            // No handler is told that an event was cancelled: it is the broker's by then.
            _isSent = !isEvent;
            if (_isEnding != 0)
            {
                Caller.Remove(this);
                return;
            }
            if (isEvent)
            {
                await Caller.Link.SendEventAsync(_metadata?.GetValue(EventMetadata.IdKey) ?? Id.ToString(), message, _lifetime.Token);
                Accept();
                return;
            }
            await Caller.Link.SendRequestAsync(
                Id, message, _expiry == DateTime.MaxValue ? null : _expiry - Caller.Options.Time.GetUtcNow().UtcDateTime);
            if (_hasEnded && _status.StatusCode == StatusCode.Cancelled)
            {
                // What was told before the request was on its way may have been told to nobody.
                await TellCancelAsync();
            }
        }
        catch (RpcException known)
        {
            Fail(known.Status, known.Trailers);
        }
        catch (OperationCanceledException)
        {
            Fail(_lifetime.EarlyEnd);
        }
        catch (Exception error)
        {
            Fail(new Status(StatusCode.Internal, $"The request of {Method.FullName} could not be sent.", error));
        }
    }

    private ReadOnlyMemory<byte> Write(MessageKind kind, DateTime time, TRequest request)
    {
        var message = Caller.Begin(kind, Id);
        new RequestHead(Method.FullName, time, Credit, _metadata).Write(message);
        message.Body(Method.RequestMarshaller, request);
        if (message.BodyLength > Contract.MaxRequestBytes)
        {
            throw RpcErrors.TooLarge(Method, "request", message.BodyLength, Contract.MaxRequestBytes);
        }
        Sizes.Request(message.BodyLength);
        return message.Finish();
    }

    private void EndEarly()
    {
        var early = _lifetime.EarlyEnd;
        // A deadline has travelled with the request; anything else its handler must be told.
        var isTold = _isSent && _isEnding == 0 && early.StatusCode != StatusCode.DeadlineExceeded;
        Fail(early);
        if (isTold)
        {
            _ = TellCancelAsync();
        }
    }

    private async Task TellCancelAsync()
    {
        try
        {
            await Caller.Link.TellAllAsync(Caller.Begin(MessageKind.Cancel, Id).Finish());
        }
        catch (Exception error) when (error is RpcException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The handler stops at its deadline then.
        }
    }

    private static InvalidOperationException NotEnded(string what) => new($"The call has not ended, so it has no {what} yet: await its reply first.");
}
