using Anywire.Identity;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Anywire.Wire;

/// <summary>The handler's context of one call.</summary>
internal sealed class WireCallContext : ServerCallContext, INamedPeer
{
    private readonly string _method;
    private readonly string _caller;
    private readonly WireEnd _end;
    private readonly CallLifetime _lifetime;
    private int _headersSent;

    public WireCallContext(string method, string caller, TimeSpan? remaining, Metadata metadata, WireEnd end, TimeProvider time, ILoggerFactory loggers)
    {
        (_method, _caller, _end) = (method, caller, end);
        RequestHeadersCore = metadata;
        DeadlineCore = remaining is { } left ? time.GetUtcNow().UtcDateTime + left : DateTime.MaxValue;
        _lifetime = new CallLifetime(DeadlineCore, time, CancellationToken.None, loggers);
        CancellationTokenCore = _lifetime.Token;
    }

    public string PeerName => _caller;

    public Status EarlyEnd => _lifetime.EarlyEnd;

    protected override string MethodCore => _method;

    protected override string HostCore => "";

    protected override string PeerCore => "wire:" + _caller;

    protected override DateTime DeadlineCore { get; }

    protected override Metadata RequestHeadersCore { get; }

    protected override CancellationToken CancellationTokenCore { get; }

    protected override Metadata ResponseTrailersCore { get; } = [];

    protected override Status StatusCore { get; set; } = Status.DefaultSuccess;

    protected override WriteOptions? WriteOptionsCore { get; set; }

    protected override AuthContext AuthContextCore => PeerIdentity.AuthContextOf(_caller);

    public void Cancel() => _lifetime.Cancel();

    public void Finish() => _lifetime.Dispose();

    /// <summary>Headers that have not been sent go out empty, before the first message or the status.</summary>
    public void SendHeaders() => TrySendHeaders([]);

    protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders) => TrySendHeaders(responseHeaders)
        ? Task.CompletedTask
        : throw new InvalidOperationException("Response headers can be sent only once, and before the first message.");

    protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) =>
        throw new NotSupportedException("Pass the deadline and the cancellation token on by hand: context.Deadline, context.CancellationToken.");

    private bool TrySendHeaders(Metadata headers)
    {
        if (Interlocked.Exchange(ref _headersSent, 1) != 0)
        {
            return false;
        }
        _end.Send(FrameKind.Headers, WireHead.Headers(headers));
        return true;
    }
}
