using Anywire.Identity;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Anywire.InProcess;

/// <summary>One call, seen from both sides: the handler's context and what the caller's call object asks for. Everything that a plain call does
/// not need is made when it is first asked for.</summary>
internal sealed class InProcessCallContext(IMethod method, TransportClientOptions client, in CallOptions options) : ServerCallContext, INamedPeer
{
    private readonly DateTime _deadline = options.Deadline ?? DateTime.MaxValue;
    private readonly CancellationToken _callerToken = options.CancellationToken;
    private Metadata? _requestHeaders = options.Headers;
    private Metadata? _trailers;
    private Metadata? _responseHeaders;
    private Ending? _ending;
    private RpcException? _failure;
    private bool _headersAreOwn;
    private volatile bool _headersSent;
    private volatile bool _finished;
    private StatusCode _statusCode;
    private string? _statusDetail;

    public string PeerName => client.Caller;

    /// <summary>How the call ended, as its caller sees it.</summary>
    /// <exception cref="InvalidOperationException">It has not ended.</exception>
    public Status FinalStatus => !_finished ? throw NotEnded("status") : _failure?.Status ?? Status;

    /// <summary>The trailers, as the caller sees them.</summary>
    /// <exception cref="InvalidOperationException">The call has not ended.</exception>
    public Metadata FinalTrailers => !_finished ? throw NotEnded("trailers") : _failure?.Trailers ?? _trailers ?? [];

    /// <summary>Why the call ended early, once it did.</summary>
    public Status EarlyEnd => Lifetime().EarlyEnd;

    /// <summary>Whether the caller cancelled or the deadline passed while the call was under way.</summary>
    public bool HasEndedEarly => Volatile.Read(ref _ending) is { Token.IsCancellationRequested: true };

    protected override string MethodCore => method.FullName;

    protected override string HostCore => "";

    protected override string PeerCore => "inproc:" + client.Caller;

    protected override DateTime DeadlineCore => _deadline;

    protected override Metadata RequestHeadersCore
    {
        get
        {
            if (!_headersAreOwn)
            {
                // A copy: what the handler does to its side must not reach the caller's.
                var own = new Metadata();
                foreach (var entry in _requestHeaders ?? [])
                {
                    own.Add(entry);
                }
                (_requestHeaders, _headersAreOwn) = (own, true);
            }
            return _requestHeaders!;
        }
    }

    protected override CancellationToken CancellationTokenCore => Token();

    protected override Metadata ResponseTrailersCore => _trailers ??= [];

    protected override Status StatusCore
    {
        get => new(_statusCode, _statusDetail ?? "");
        set => (_statusCode, _statusDetail) = (value.StatusCode, value.Detail);
    }

    protected override WriteOptions? WriteOptionsCore { get; set; }

    protected override AuthContext AuthContextCore => PeerIdentity.AuthContextOf(client.Caller);

    /// <summary>Cancelled when the caller cancels, the deadline passes, or the call object is disposed.</summary>
    public CancellationToken Token() => Lifetime().Token;

    /// <summary>Cancels the call; nothing happens when it has ended.</summary>
    public void Cancel()
    {
        if (!_finished)
        {
            Lifetime().Cancel();
        }
    }

    /// <summary>Ends the call because one of its sides went away.</summary>
    public void Abandon(Status reason)
    {
        if (!_finished)
        {
            Lifetime().End(reason);
        }
    }

    /// <summary>Makes an error the call's failure, as the caller sees it: an instance of its own, because what a handler threw, with its stack,
    /// stays on the handler's side.</summary>
    public RpcException Fail(Exception error)
    {
        var failure = error switch
        {
            RpcException { StatusCode: StatusCode.Cancelled } when HasEndedEarly => new RpcException(EarlyEnd),
            RpcException known => known,
            OperationCanceledException => new RpcException(EarlyEnd),
            _ => new RpcException(new Status(StatusCode.Unknown, "The service failed to handle the call.")),
        };
        var trailers = new Metadata();
        // After an early end the handler may still be at work, and its trailers are its own.
        foreach (var entry in error is OperationCanceledException ? failure.Trailers : [.. _trailers ?? [], .. failure.Trailers])
        {
            trailers.Add(entry);
        }
        return _failure = new RpcException(new Status(failure.StatusCode, failure.Status.Detail), trailers);
    }

    /// <summary>The call has ended for its caller: sends what headers there are, lets go of timers and registrations. The token stays readable.</summary>
    public void Finish()
    {
        SendHeaders();
        _finished = true;
        Interlocked.MemoryBarrier();
        Volatile.Read(ref _ending)?.Dispose();
    }

    protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders)
    {
        if (_headersSent)
        {
            throw new InvalidOperationException("Response headers can be sent only once, and before the first message.");
        }
        _responseHeaders = responseHeaders;
        SendHeaders();
        return Task.CompletedTask;
    }

    /// <summary>Headers that have not been sent go out empty with the first message, as on any wire.</summary>
    public void SendHeaders()
    {
        if (!_headersSent)
        {
            _headersSent = true;
            // Whoever asks for them at this moment either sees that they are sent, or is seen here.
            Interlocked.MemoryBarrier();
            Volatile.Read(ref _ending)?.Headers?.TrySetResult(_responseHeaders ?? []);
        }
    }

    /// <summary>The response headers once they are sent; empty when the call ends without any.</summary>
    public Task<Metadata> ResponseHeadersAsync()
    {
        if (_headersSent)
        {
            return Task.FromResult(_responseHeaders ?? []);
        }
        var source = Lifetime().EnsureHeaders();
        if (_headersSent)
        {
            source.TrySetResult(_responseHeaders ?? []);
        }
        return source.Task;
    }

    protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) =>
        throw new NotSupportedException("Pass the deadline and the cancellation token on by hand: context.Deadline, context.CancellationToken.");

    private static InvalidOperationException NotEnded(string what) => new($"The call has not ended, so it has no {what} yet: await its reply first.");

    private Ending Lifetime()
    {
        var ending = Volatile.Read(ref _ending);
        if (ending is not null)
        {
            return ending;
        }
        var made = new Ending(_deadline, client.Time, client.Loggers, _callerToken);
        ending = Interlocked.CompareExchange(ref _ending, made, null);
        if (ending is null)
        {
            if (_finished)
            {
                made.Dispose();
            }
            return made;
        }
        made.Dispose();
        return ending;
    }

    /// <summary>The parts that only calls with a wait in them need.</summary>
    private sealed class Ending(DateTime deadline, TimeProvider time, ILoggerFactory loggers, CancellationToken callerToken)
        : CallLifetime(deadline, time, callerToken, loggers)
    {
        private TaskCompletionSource<Metadata>? _headers;

        public TaskCompletionSource<Metadata>? Headers => Volatile.Read(ref _headers);

        public TaskCompletionSource<Metadata> EnsureHeaders()
        {
            var made = new TaskCompletionSource<Metadata>(TaskCreationOptions.RunContinuationsAsynchronously);
            return Interlocked.CompareExchange(ref _headers, made, null) ?? made;
        }
    }
}
