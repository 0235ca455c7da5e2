using Anywire.Identity;
using Anywire.Messaging.Format;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Anywire.Messaging.Server;

/// <summary>The handler's context of one call.</summary>
/// <param name="call">The call; null for an event, whose handler has nobody to answer to.</param>
/// <param name="head">What its message says.</param>
/// <param name="sender">The service that calls.</param>
/// <param name="time">The clock.</param>
/// <param name="loggers">Where it is told that the handler fails when it is cancelled.</param>
internal sealed class BrokerCallContext(RunningCall? call, RequestHead head, string sender, TimeProvider time, ILoggerFactory loggers) : ServerCallContext, INamedPeer, IHeldCall
{
    private readonly CallLifetime _lifetime = new(head.Expiry, time, CancellationToken.None, loggers);
    private Metadata? _trailers;

    public string PeerName => sender;

    public DateTimeOffset? AcceptedAt { get; init; }

    public Status EarlyEnd => _lifetime.EarlyEnd;

    protected override string MethodCore => head.Method;

    protected override string HostCore => "";

    protected override string PeerCore => "broker:" + sender;

    protected override DateTime DeadlineCore => head.Expiry;

    protected override Metadata RequestHeadersCore { get; } = head.Metadata ?? [];

    protected override CancellationToken CancellationTokenCore => _lifetime.Token;

    protected override Metadata ResponseTrailersCore => _trailers ??= [];

    protected override Status StatusCore { get; set; } = Status.DefaultSuccess;

    protected override WriteOptions? WriteOptionsCore { get; set; }

    protected override AuthContext AuthContextCore => PeerIdentity.AuthContextOf(sender);

    public void Cancel() => _lifetime.Cancel();

    public void End(Status reason) => _lifetime.End(reason);

    public void Finish() => _lifetime.Dispose();

    protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders) => call?.SendHeadersAsync(responseHeaders) ?? Task.CompletedTask;

    protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) =>
        throw new NotSupportedException("Pass the deadline and the cancellation token on by hand: context.Deadline, context.CancellationToken.");
}
