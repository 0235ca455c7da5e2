using Anywire.Diagnostics;
using Anywire.InProcess;
using Grpc.Core;

namespace Anywire.Wire;

/// <summary>The caller's side of one call of any kind.</summary>
internal sealed class WireClientCall<TRequest, TResponse> : ICallState
    where TRequest : class
    where TResponse : class
{
    private readonly Method<TRequest, TResponse> _method;
    private readonly MethodContract _contract;
    private readonly MessageSizes _sizes;
    private readonly WireEnd _end;
    private readonly WireStream<TResponse> _responses;
    private readonly CallLifetime _lifetime;
    private readonly TaskCompletionSource<Metadata> _headers = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private readonly CancellationTokenRegistration _onClosed;
    private Status _status;
    private Metadata _trailers = [];
    private bool _ended;

    public WireClientCall(
        Method<TRequest, TResponse> method, TransportClientOptions options, in CallOptions callOptions, WireServer? server, CancellationToken closed)
    {
        (_method, _contract, _sizes) = (method, options.Contracts[method], MessageSizes.OfClient(method, WireTransport.WireName));
        (_end, var handlerEnd) = WireEnd.Pair((server?.Options.Limits ?? new ServerLimits()).StreamWindowBytes);
        _responses = new WireStream<TResponse>(_end, method.ResponseMarshaller, _sizes.Response, Cancel);
        _lifetime = new CallLifetime(callOptions.Deadline ?? DateTime.MaxValue, options.Time, callOptions.CancellationToken);
        Requests = new RequestWriter(this);

        if (server is null)
        {
            var nobody = LocalServers.NobodyListens(options);
            End(nobody.Status, nobody.Trailers);
        }
        else if (_lifetime.Token.IsCancellationRequested)
        {
            End(_lifetime.EarlyEnd, []);
        }
        else
        {
            var remaining = callOptions.Deadline - options.Time.GetUtcNow().UtcDateTime;
            _end.Send(FrameKind.Request, WireHead.Request(method.FullName, remaining, callOptions.Headers));
            server.Accept(handlerEnd, options.Caller);
            _onClosed = closed.UnsafeRegister(static call => ((WireClientCall<TRequest, TResponse>)call!).Cancel(), this);
            _lifetime.Token.UnsafeRegister(static call => ((WireClientCall<TRequest, TResponse>)call!).EndEarly(), this);
            _ = ReceiveAsync();
        }
    }

    public IClientStreamWriter<TRequest> Requests { get; }

    public IAsyncStreamReader<TResponse> Responses => _responses;

    public Status Status => Volatile.Read(ref _ended) ? _status : throw NotEnded("status");

    public Metadata Trailers => Volatile.Read(ref _ended) ? _trailers : throw NotEnded("trailers");

    public Task<Metadata> HeadersAsync() => _headers.Task;

    public void Cancel() => _lifetime.Cancel();

    /// <summary>Sends the only request of a call that has one.</summary>
    public async Task SendSingleAsync(TRequest request)
    {
        try
        {
            await Requests.WriteAsync(request);
            await Requests.CompleteAsync();
        }
        catch (Exception error) when (error is RpcException or InvalidOperationException or OperationCanceledException)
        {
            // The call has ended, and whoever awaits the reply learns why.
        }
    }

    /// <summary>The only reply of a call that has one.</summary>
    public async Task<TResponse> SingleResponseAsync()
    {
        if (!await _responses.MoveNext(CancellationToken.None))
        {
            throw new RpcException(new Status(StatusCode.Internal, $"The handler of {_method.FullName} gave no reply."));
        }
        var response = _responses.Current;
        // The status comes after the reply, and has the last word.
        if (await _responses.MoveNext(CancellationToken.None))
        {
            throw new RpcException(new Status(StatusCode.Internal, $"The handler of {_method.FullName} gave more than one reply."));
        }
        return response;
    }

    private async Task ReceiveAsync()
    {
        while (await _end.ReceiveAsync() is { } frame)
        {
            switch (frame.Kind)
            {
                case FrameKind.Headers:
                    _headers.TrySetResult(WireHead.ReadHeaders(frame.Payload));
                    break;
                case FrameKind.Message when frame.Payload.Length > _contract.MaxReplyBytes:
                    End(WireInvoker.TooLarge(_method, frame.Payload.Length, _contract.MaxReplyBytes, "reply"), [], cancelsHandler: true);
                    return;
                case FrameKind.Message:
                    _responses.Add(frame.Payload);
                    break;
                case FrameKind.Window:
                    _end.AddCredit(frame.Payload);
                    break;
                case FrameKind.Trailers:
                    var (status, trailers) = WireHead.ReadTrailers(frame.Payload);
                    End(status, trailers);
                    return;
            }
        }
        End(new Status(StatusCode.Unavailable, $"The peer went away before it had answered {_method.FullName}."), []);
    }

    private void EndEarly() => End(_lifetime.EarlyEnd, [], cancelsHandler: true, abort: true);

    private void End(Status status, Metadata trailers, bool cancelsHandler = false, bool abort = false)
    {
        lock (_lock)
        {
            if (_ended)
            {
                return;
            }
            (_status, _trailers) = (status, trailers);
            Volatile.Write(ref _ended, true);
        }
        if (cancelsHandler)
        {
            // Only now: how a cancelled handler ends must not become how the call ended.
            _end.Send(FrameKind.Cancel, []);
        }
        _headers.TrySetResult([]);
        var failure = status.StatusCode == StatusCode.OK ? null : new RpcException(status, trailers);
        if (abort)
        {
            _responses.Abort(failure!);
        }
        else
        {
            _responses.Complete(failure);
        }
        _end.Close();
        _end.StopReceiving();
        _onClosed.Unregister();
        _lifetime.Dispose();
    }

    private static InvalidOperationException NotEnded(string what) => new($"The call has not ended, so it has no {what} yet: await its reply first.");

    private sealed class RequestWriter(WireClientCall<TRequest, TResponse> call) : IClientStreamWriter<TRequest>
    {
        private volatile bool _completed;

        public WriteOptions? WriteOptions { get; set; }

        public Task WriteAsync(TRequest message) => WriteAsync(message, CancellationToken.None);

        public async Task WriteAsync(TRequest message, CancellationToken cancellationToken)
        {
            if (_completed)
            {
                throw new InvalidOperationException("The stream of requests has been completed; nothing can be written to it any more.");
            }
            var payload = WireSerializer.Serialize(call._method.RequestMarshaller, message);
            if (payload.Length > call._contract.MaxRequestBytes)
            {
                var status = WireInvoker.TooLarge(call._method, payload.Length, call._contract.MaxRequestBytes, "request");
                call.End(status, [], cancelsHandler: true);
                throw new RpcException(status);
            }
            call._sizes.Request(payload.Length);
            if (!await call._end.SendMessageAsync(payload, cancellationToken))
            {
                throw call.Status.StatusCode == StatusCode.OK
                    ? new InvalidOperationException("The call has ended; nobody reads its requests any more.")
                    : new RpcException(call.Status, call.Trailers);
            }
        }

        public Task CompleteAsync()
        {
            _completed = true;
            call._end.Send(FrameKind.HalfClose, []);
            return Task.CompletedTask;
        }
    }
}
