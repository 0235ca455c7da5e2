using Anywire.Server;
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
    private readonly InProcessServer? _server;
    private readonly HandOverCheck? _check;
    private readonly CancellationTokenRegistration _onGone;
    private readonly CancellationTokenRegistration _onClosed;
    private readonly CancellationTokenRegistration _onEarlyEnd;
    private int _ended;

    public InProcessStreamingCall(
        Method<TRequest, TResponse> method, TransportClientOptions options, in CallOptions callOptions, InProcessServer? server, CancellationToken closed)
    {
        _method = method;
        _contract = options.Contracts[method];
        _server = server;
        _check = server?.Check;
        _context = new InProcessCallContext(method, options, callOptions);
        var limits = server?.Options.Limits ?? new ServerLimits();
        _requests = new MessagePipe<TRequest>(limits.StreamWindowMessages, limits.StreamWindowBytes, SizeOf);
        _responses = new MessagePipe<TResponse>(limits.StreamWindowMessages, limits.StreamWindowBytes, SizeOf);
        Requests = new InProcessRequestWriter<TRequest>(WriteRequestAsync, () => _requests.Complete());
        Responses = new InProcessStreamReader<TResponse>(_responses, Cancel);
        _onGone = server?.Gone.UnsafeRegister(static c => ((InProcessCallContext)c!).Abandon(InProcessInvoker.PeerGone), _context) ?? default;
        _onClosed = closed.UnsafeRegister(static c => ((InProcessCallContext)c!).Abandon(InProcessInvoker.ClientClosed), _context);
        _onEarlyEnd = _context.Token().UnsafeRegister(static call => ((InProcessStreamingCall<TRequest, TResponse>)call!).EndEarly(), this);
    }

    public IClientStreamWriter<TRequest> Requests { get; }

    public IAsyncStreamReader<TResponse> Responses { get; }

    public Status Status => _context.FinalStatus;

    public Metadata Trailers => _context.FinalTrailers;

    public Task<Metadata> HeadersAsync() => _context.ResponseHeadersAsync();

    public void Cancel() => _context.Cancel();

    /// <summary>Runs the handler, or ends the call with the problem that keeps it from running.</summary>
    public void Start<THandler>(
        THandler? handler, RpcException? problem,
        Func<THandler, IAsyncStreamReader<TRequest>, IServerStreamWriter<TResponse>, ServerCallContext, Task> run, RpcException? refusal)
        where THandler : Delegate
    {
        problem ??= refusal ?? _check?.FindChange() ?? (_context.HasEndedEarly ? new RpcException(_context.EarlyEnd) : null);
        if (problem is not null || handler is null)
        {
            Finish(problem);
            return;
        }
        // On a thread of its own: a handler that blocks until it has read something must not hold up who is about to write it.
        _ = RunAsync(_server!.Unanswered, () => run(handler, new InProcessStreamReader<TRequest>(_requests, onCancelled: null), new InProcessResponseWriter<TResponse>(WriteResponseAsync), _context));
    }

    /// <summary>The one reply of a client-streaming call, once the handler has ended well.</summary>
    public async Task<TResponse> SingleResponseAsync()
    {
        var response = await _responses.ReadAsync(CancellationToken.None);
        // The status comes after the reply, and has the last word.
        var next = response is null ? null : await _responses.ReadAsync(CancellationToken.None);
        return response is not null && next is null
            ? response
            : throw new RpcException(new Status(StatusCode.Internal, $"The handler of {_method.FullName} gave no reply."));
    }

    private async Task RunAsync(CallGate unanswered, Func<Task> handle)
    {
        var entered = unanswered.TryEnter() is null;
        try
        {
            await Task.Run(handle);
            Finish(_context.Status.StatusCode == StatusCode.OK ? null : new RpcException(_context.Status));
        }
        catch (Exception error)
        {
            Finish(error);
        }
        if (entered)
        {
            unanswered.Leave();
        }
    }

    // The handler has ended, or was never run.
    private void Finish(Exception? error)
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
        {
            var failure = error is null ? null : _context.Fail(error);
            _context.Finish();
            _responses.Complete(failure);
            _requests.Abort(failure ?? new RpcException(new Status(StatusCode.Cancelled, "The call has ended.")));
        }
        _onGone.Unregister();
        _onClosed.Unregister();
        _onEarlyEnd.Unregister();
    }

    // Cancelled, too late, or one side has gone: what was under way is dropped.
    private void EndEarly() => Break(new OperationCanceledException());

    private void Break(Exception error)
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
        {
            var failure = _context.Fail(error);
            _context.Cancel();
            _context.Finish();
            _responses.Abort(failure);
            _requests.Abort(failure);
        }
    }

    private async Task WriteRequestAsync(TRequest message, CancellationToken cancellationToken)
    {
        if (InProcessInvoker.TooLarge(_method, message, _contract.MaxRequestBytes, "request") is { } tooLarge)
        {
            Break(tooLarge);
            throw tooLarge;
        }
        _check?.Note(_method, "request", message);
        bool written;
        try
        {
            written = await _requests.WriteAsync(message, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Cancel();
            throw new RpcException(new Status(StatusCode.Cancelled, "The call was cancelled: so was the writing of a request."));
        }
        if (!written)
        {
            throw Volatile.Read(ref _ended) == 0 || Status.StatusCode == StatusCode.OK
                ? new InvalidOperationException("The stream of requests has ended; nobody reads what is written to it now.")
                : new RpcException(Status, Trailers);
        }
    }

    private async Task WriteResponseAsync(TResponse message, CancellationToken cancellationToken)
    {
        if (InProcessInvoker.TooLarge(_method, message, _contract.MaxReplyBytes, "reply") is { } tooLarge)
        {
            throw tooLarge;
        }
        _context.SendHeaders();
        _check?.Note(_method, "reply", message);
        if (!await _responses.WriteAsync(message, cancellationToken))
        {
            throw _context.HasEndedEarly
                ? new RpcException(_context.EarlyEnd)
                : new InvalidOperationException("The call has ended; nobody reads its replies any more.");
        }
    }

    private static int SizeOf(object message) => message is IMessage protobuf ? protobuf.CalculateSize() : 0;
}
