using Anywire.Identity;
using Anywire.Server;
using Anywire.Tcp.Format;
using Grpc.Core;

namespace Anywire.Tcp.Server;

/// <summary>The handler's context of one call. Frames come from the reading thread; the handler may use it from any thread, one at a time.</summary>
internal abstract class ServerCall(ServerConnection connection, ServerMethod method, uint id, DateTime deadline, Metadata.Entry[]? headers) : ServerCallContext, INamedPeer, IRequestHeaders
{
    private Metadata? _headers;
    private Metadata? _trailers;
    private CallLifetime? _lifetime;
    private Status _status = Status.DefaultSuccess;
    private int _areHeadersSent;
    private bool _isCancelled;
    private bool _isEnded;

    public string? PeerName => connection.PeerName ?? Find(PeerIdentity.ClaimKey);

    public uint Id => id;

    /// <summary>Whether its caller wants no answer any more.</summary>
    public bool IsCancelled => Volatile.Read(ref _isCancelled);

    /// <summary>Whether the connection keeps it, so that frames find it; the connection sets it.</summary>
    public bool IsKept { get; set; }

    /// <summary>Whether its handler has ended.</summary>
    public bool IsEnded => Volatile.Read(ref _isEnded);

    /// <summary>Why the handler is told to end early.</summary>
    public Status EarlyEnd => Volatile.Read(ref _lifetime) is { Token.IsCancellationRequested: true } lifetime
        ? lifetime.EarlyEnd
        : new Status(StatusCode.Cancelled, "The call was cancelled.");

    protected ServerConnection Connection => connection;

    protected override string MethodCore => method.FullName;

    protected override string HostCore => "";

    protected override string PeerCore => connection.PeerAddress;

    protected override DateTime DeadlineCore => deadline;

    protected override Metadata RequestHeadersCore => _headers ??= [.. headers ?? []];

    protected override CancellationToken CancellationTokenCore => Lifetime().Token;

    protected override Metadata ResponseTrailersCore => _trailers ??= [];

    protected override Status StatusCore
    {
        get => _status;
        set => _status = value;
    }

    protected override WriteOptions? WriteOptionsCore { get; set; }

    protected override AuthContext AuthContextCore => PeerIdentity.AuthContextOf(connection.PeerName);

    public string? Find(string key)
    {
        if (_headers is { } made)
        {
            return made.GetValue(key);
        }
        for (var i = (headers?.Length ?? 0) - 1; i >= 0; i--)
        {
            if (headers![i].Key == key)
            {
                return headers[i].Value;
            }
        }
        return null;
    }

    /// <summary>Takes a frame of the call.</summary>
    /// <returns>As <see cref="Connections.IFrameSink.OnFrame"/>.</returns>
    public abstract bool OnFrame(FrameHeader header, ReadOnlyMemory<byte> payload);

    /// <summary>Its caller wants no answer any more, or is gone.</summary>
    public void CancelByPeer()
    {
        Volatile.Write(ref _isCancelled, true);
        // Whoever makes the lifetime now sees that; or it is seen here.
        Interlocked.MemoryBarrier();
        OnCancelled();
        if (Volatile.Read(ref _lifetime) is { } lifetime)
        {
            // Whoever waits for the token may do anything when it is told, blocking too: not on the reading thread.
            connection.Runtime.Handoff.Run(new CancelLater(lifetime));
        }
    }

    /// <summary>Response metadata that was not sent goes out empty never: no frame means none.</summary>
    protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders)
    {
        if (Interlocked.Exchange(ref _areHeadersSent, 1) != 0)
        {
            throw new InvalidOperationException("Response headers can be sent only once, and before the first message.");
        }
        using var payload = new OutputBuffer(256);
        if (!MetadataFormat.TryWrite(payload, responseHeaders))
        {
            throw new RpcException(new Status(
                StatusCode.ResourceExhausted,
                $"The response headers of {method.FullName} are more than a frame holds: at most {MetadataFormat.MaxBytes:N0} bytes in {MetadataFormat.MaxEntries} entries."));
        }
        if (!IsCancelled)
        {
            connection.Send(FrameKind.Headers, FrameFlags.None, id, payload.Written);
        }
        return Task.CompletedTask;
    }

    protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) =>
        throw new NotSupportedException("Pass the deadline and the cancellation token on by hand: context.Deadline, context.CancellationToken.");

    /// <summary>Headers can be sent no more: a message has been.</summary>
    protected void CloseHeaders() => Volatile.Write(ref _areHeadersSent, 1);

    /// <summary>Refuses a call that came as a stream of requests, and takes one: that is no reason to end the other calls.</summary>
    protected void RefuseStream() =>
        SendStatus(new RpcException(new Status(StatusCode.Unimplemented, $"{method.FullName} takes one request, which comes with the call.")));

    /// <summary>What a reply is answered with instead when too much waits already. As when the connection is lost: the call may have been executed.</summary>
    protected RpcException Overfull =>
        new(new Status(StatusCode.Unavailable, $"The reply of {method.FullName} was given up: too many wait that its caller does not read."));

    /// <summary>Sends how it ended, unless nobody wants to know.</summary>
    /// <param name="failure">What the handler failed with; null when it did not.</param>
    protected void SendStatus(RpcException? failure)
    {
        if (IsCancelled)
        {
            return;
        }
        var trailers = _trailers;
        foreach (var trailer in failure?.Trailers ?? [])
        {
            (trailers ??= []).Add(trailer);
        }
        using var payload = new OutputBuffer(256);
        StatusFormat.Write(payload, failure?.Status ?? _status, trailers);
        connection.Send(FrameKind.Status, FrameFlags.None, id, payload.Written);
    }

    /// <summary>Whether the end needs no status of its own: it went well, and there are no trailers.</summary>
    protected bool EndsPlainly => _status.StatusCode == StatusCode.OK && _trailers is null or { Count: 0 };

    /// <summary>The handler has ended: nothing is kept for it any more.</summary>
    protected void EndLifetime()
    {
        Volatile.Write(ref _isEnded, true);
        Interlocked.MemoryBarrier();
        if (IsKept)
        {
            connection.Forget(this);
        }
        Volatile.Read(ref _lifetime)?.Dispose();
    }

    /// <summary>What a handler ended with, as its caller may know it.</summary>
    protected RpcException FailureOf(Exception error) => error switch
    {
        RpcException known => known,
        OperationCanceledException => new RpcException(EarlyEnd),
        // The waist turns whatever a handler throws into an answer; this is what went wrong on the way to it and back.
        _ => new RpcException(new Status(StatusCode.Internal, "The call could not be carried to its handler and back.")),
    };

    protected virtual void OnCancelled()
    {
    }

    private CallLifetime Lifetime()
    {
        if (Volatile.Read(ref _lifetime) is { } known)
        {
            return known;
        }
        var made = new CallLifetime(deadline, connection.Time, CancellationToken.None, connection.Loggers);
        if (Interlocked.CompareExchange(ref _lifetime, made, null) is { } other)
        {
            made.Dispose();
            return other;
        }
        if (IsCancelled)
        {
            made.Cancel();
        }
        if (Volatile.Read(ref _isEnded))
        {
            made.Dispose();
        }
        return made;
    }

    private sealed class CancelLater(CallLifetime lifetime) : IThreadPoolWorkItem
    {
        public void Execute() => lifetime.Cancel();
    }
}
