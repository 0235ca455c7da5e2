using Anywire.Identity;
using Anywire.Udp.Format;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Anywire.Udp.Server;

/// <summary>One call that is being handled; the handler's context of it. What most handlers never look at is made when they do.</summary>
internal sealed class ServerCall : ServerCallContext, INamedPeer
{
    private readonly ServerSession _session;
    private readonly ulong _id;
    private readonly bool _isEvent;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private Metadata? _metadata;
    private Metadata? _trailers;
    private Metadata? _headers;
    private CallLifetime? _lifetime;
    private volatile bool _isCancelled;
    private int _headersSent;

    private ServerCall(ServerSession session, ulong id, bool isEvent, string method, uint remaining, Metadata? metadata, TimeProvider time, ILoggerFactory loggers)
    {
        (_session, _id, _isEvent, _metadata, _time, _loggers, MethodCore) = (session, id, isEvent, metadata, time, loggers, method);
        DeadlineCore = remaining == Messages.NoDeadline ? DateTime.MaxValue : time.GetUtcNow().UtcDateTime.AddMilliseconds(remaining);
    }

    public string? PeerName => _session.Caller ?? RequestHeadersCore.GetValue(PeerIdentity.ClaimKey);

    /// <summary>The response headers that were sent; null when none were.</summary>
    public Metadata? Headers => _headers;

    public Metadata? Trailers => _trailers;

    public ServerSession Session => _session;

    public ulong Id => _id;

    public bool IsEvent => _isEvent;

    /// <summary>Its caller has said that nobody waits for it any more. Under the lock of the session's calls.</summary>
    public bool IsGivenUp { get; set; }

    protected override string MethodCore { get; }

    protected override string HostCore => "";

    protected override string PeerCore => "udp:" + (PeerName ?? "unnamed");

    protected override DateTime DeadlineCore { get; }

    protected override Metadata RequestHeadersCore => _metadata ??= [];

    protected override CancellationToken CancellationTokenCore => Lifetime().Token;

    protected override Metadata ResponseTrailersCore => _trailers ??= [];

    protected override Status StatusCore { get; set; } = Status.DefaultSuccess;

    protected override WriteOptions? WriteOptionsCore { get; set; }

    protected override AuthContext AuthContextCore => PeerIdentity.AuthContextOf(_session.Caller);

    public static ServerCall OfEvent(ServerSession session, string method, Metadata? metadata, TimeProvider time, ILoggerFactory loggers) =>
        new(session, 0, isEvent: true, method, Messages.NoDeadline, metadata, time, loggers);

    public static ServerCall OfRequest(ServerSession session, ulong id, string method, uint remaining, Metadata? metadata, TimeProvider time, ILoggerFactory loggers) =>
        new(session, id, isEvent: false, method, remaining, metadata, time, loggers);

    public void Cancel()
    {
        _isCancelled = true;
        // A full fence: either we see the lifetime, or whoever makes it sees the mark.
        Interlocked.MemoryBarrier();
        if (_lifetime is { } lifetime)
        {
            // Whoever waits for the token may do anything when it is told, blocking too: not on the thread that receives.
            ThreadPool.UnsafeQueueUserWorkItem(static told => told.Cancel(), lifetime, preferLocal: false);
        }
    }

    /// <summary>The request has come again: its caller is told that it need not ask so often, and the headers, which may have been lost.</summary>
    public void ComesAgain()
    {
        _session.Add(_id, static (writer, id) => writer.OfCall(MessageKind.Working, id));
        if (_headers is { } headers)
        {
            SendHeaders(headers);
        }
    }

    /// <summary>The handler has ended.</summary>
    public void Finish() => _lifetime?.Dispose();

    protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders)
    {
        if (Interlocked.Exchange(ref _headersSent, 1) != 0)
        {
            throw new InvalidOperationException("Response headers can be sent only once, and before the reply.");
        }
        // The handler may go on changing its own, and they are sent again when the request comes again.
        _headers = [.. responseHeaders];
        if (!_isEvent)
        {
            SendHeaders(_headers);
        }
        return Task.CompletedTask;
    }

    protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) =>
        throw new NotSupportedException("Pass the deadline and the cancellation token on by hand: context.Deadline, context.CancellationToken.");

    private void SendHeaders(Metadata headers)
    {
        var writer = new MessageWriter();
        writer.OfCall(MessageKind.Headers, _id);
        writer.MetadataThatFits(headers, Datagram.MessageBytes);
        _session.Add(writer.Finish());
    }

    private CallLifetime Lifetime()
    {
        if (_lifetime is { } there)
        {
            return there;
        }
        var made = new CallLifetime(DeadlineCore, _time, CancellationToken.None, _loggers);
        if (Interlocked.CompareExchange(ref _lifetime, made, null) is { } other)
        {
            made.Dispose();
            return other;
        }
        if (_isCancelled)
        {
            made.Cancel();
        }
        return made;
    }
}
