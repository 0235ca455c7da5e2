using Google.Protobuf;
using Grpc.Core;

namespace Anywire.InProcess;

/// <summary>What a streaming call's call object asks for.</summary>
internal interface ICallState
{
    Status Status { get; }

    Metadata Trailers { get; }

    Task<Metadata> HeadersAsync();

    void Cancel();
}

/// <summary>One streaming call: a pipe each way, and the handler between them.</summary>
internal sealed class InProcessStreamingCall<TRequest, TResponse> : ICallState
    where TRequest : class
    where TResponse : class
{
    private readonly Method<TRequest, TResponse> _method;
    private readonly MethodContract _contract;
    private readonly InProcessCallContext _context;
    private readonly MessagePipe<TRequest> _requests;
    private readonly MessagePipe<TResponse> _responses;
    private readonly CancellationTokenRegistration _onEnd;
    private HandOverCheck? _check;

    public InProcessStreamingCall(Method<TRequest, TResponse> method, TransportClientOptions options, in CallOptions callOptions, ServerLimits limits)
    {
        _method = method;
        _contract = options.Contracts[method];
        _context = new InProcessCallContext(method, options.Caller, callOptions, options.Time);
        _requests = new MessagePipe<TRequest>(limits.StreamWindowMessages, limits.StreamWindowBytes, SizeOf);
        _responses = new MessagePipe<TResponse>(limits.StreamWindowMessages, limits.StreamWindowBytes, SizeOf);
        Requests = new RequestWriter(this);
        Responses = new StreamReader<TResponse>(_responses);
        _onEnd = _context.Token().Register(static call => ((InProcessStreamingCall<TRequest, TResponse>)call!).EndEarly(), this);
    }

    public IClientStreamWriter<TRequest> Requests { get; }

    public IAsyncStreamReader<TResponse> Responses { get; }

    public Status Status => _context.Status;

    public Metadata Trailers => _context.Trailers ?? [];

    public Task<Metadata> HeadersAsync() => _context.ResponseHeadersAsync();

    public void Cancel() => _context.Cancel();

    /// <summary>Runs the handler, or ends the call with the problem that keeps it from running.</summary>
    public void Start<THandler>(
        THandler? handler, InProcessServer? server, RpcException? problem,
        Func<THandler, IAsyncStreamReader<TRequest>, IServerStreamWriter<TResponse>, ServerCallContext, Task> run, RpcException? refusal)
        where THandler : Delegate
    {
        _check = server?.Check;
        problem ??= refusal ?? _check?.FindChange();
        if (problem is not null || handler is null)
        {
            Finish(InProcessInvoker.Ended(problem!, _context));
            return;
        }
        _ = RunAsync(run(handler, new StreamReader<TRequest>(_requests), new ResponseWriter(this), _context));
    }

    /// <summary>The one reply of a client-streaming call.</summary>
    public async Task<TResponse> SingleResponseAsync() =>
        await _responses.ReadAsync(CancellationToken.None)
        ?? throw new RpcException(new Status(StatusCode.Internal, $"The handler of {_method.FullName} gave no reply."));

    private async Task RunAsync(Task handling)
    {
        RpcException? failure = null;
        try
        {
            await handling;
            if (_context.Status.StatusCode != StatusCode.OK)
            {
                failure = InProcessInvoker.Ended(new RpcException(_context.Status), _context);
            }
        }
        catch (Exception error)
        {
            failure = InProcessInvoker.Ended(error, _context);
        }
        Finish(failure);
    }

    private void Finish(RpcException? failure)
    {
        _context.SendHeaders();
        _responses.Complete(failure);
        _requests.Complete(failure ?? new RpcException(new Status(StatusCode.Cancelled, "The call has ended.")));
        _onEnd.Unregister();
        _context.Finish();
    }

    private void EndEarly()
    {
        var failure = new RpcException(_context.EarlyEnd);
        _context.Status = failure.Status;
        _responses.Abort(failure);
        _requests.Abort(failure);
        _context.SendHeaders();
    }

    private static int SizeOf(object message) => message is IMessage protobuf ? protobuf.CalculateSize() : 0;

    private sealed class RequestWriter(InProcessStreamingCall<TRequest, TResponse> call) : IClientStreamWriter<TRequest>
    {
        public WriteOptions? WriteOptions { get; set; }

        public Task WriteAsync(TRequest message) => WriteAsync(message, CancellationToken.None);

        public async Task WriteAsync(TRequest message, CancellationToken cancellationToken)
        {
            if (InProcessInvoker.TooLarge(call._method, message, call._contract.MaxRequestBytes, "request") is { } tooLarge)
            {
                call.Cancel();
                throw tooLarge;
            }
            call._check?.Note(call._method, "request", message);
            if (!await call._requests.WriteAsync(message, cancellationToken))
            {
                throw call._context.Status.StatusCode == StatusCode.OK
                    ? new InvalidOperationException("The call has ended; nobody reads its requests any more.")
                    : new RpcException(call._context.Status, call.Trailers);
            }
        }

        public Task CompleteAsync()
        {
            call._requests.Complete();
            return Task.CompletedTask;
        }
    }

    private sealed class ResponseWriter(InProcessStreamingCall<TRequest, TResponse> call) : IServerStreamWriter<TResponse>
    {
        public WriteOptions? WriteOptions { get; set; }

        public Task WriteAsync(TResponse message) => WriteAsync(message, CancellationToken.None);

        public async Task WriteAsync(TResponse message, CancellationToken cancellationToken)
        {
            if (InProcessInvoker.TooLarge(call._method, message, call._contract.MaxReplyBytes, "reply") is { } tooLarge)
            {
                throw tooLarge;
            }
            call._context.SendHeaders();
            call._check?.Note(call._method, "reply", message);
            if (!await call._responses.WriteAsync(message, cancellationToken))
            {
                throw new RpcException(call._context.EarlyEnd);
            }
        }
    }

    private sealed class StreamReader<T>(MessagePipe<T> pipe) : IAsyncStreamReader<T>
        where T : class
    {
        private T? _current;

        public T Current => _current ?? throw new InvalidOperationException("There is no current message: call MoveNext first, and only while it gives true.");

        public async Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            _current = await pipe.ReadAsync(cancellationToken);
            return _current is not null;
        }
    }
}
