using Anywire.Identity;
using Grpc.Core;

namespace Anywire.Tests;

/// <summary>The handler's context of a call that a durable queue has held, as a broker's transport would give it.</summary>
internal sealed class HeldCallContext(string method, string caller, Metadata headers, DateTimeOffset? acceptedAt) : ServerCallContext, INamedPeer, IHeldCall
{
    public string PeerName => caller;

    public DateTimeOffset? AcceptedAt => acceptedAt;

    protected override string MethodCore => method;

    protected override string HostCore => "";

    protected override string PeerCore => "held:" + caller;

    protected override DateTime DeadlineCore => DateTime.MaxValue;

    protected override Metadata RequestHeadersCore => headers;

    protected override CancellationToken CancellationTokenCore => default;

    protected override Metadata ResponseTrailersCore { get; } = [];

    protected override Status StatusCore { get; set; } = Status.DefaultSuccess;

    protected override WriteOptions? WriteOptionsCore { get; set; }

    protected override AuthContext AuthContextCore => new(null, []);

    protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders) => Task.CompletedTask;

    protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) => throw new NotSupportedException();
}
