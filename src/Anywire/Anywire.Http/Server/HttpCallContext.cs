using Anywire.Http.Mapping;
using Anywire.Identity;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Anywire.Http.Server;

/// <summary>The handler's context of one call. What a plain call does not need is made when it is first asked for.</summary>
internal sealed class HttpCallContext : ServerCallContext, INamedPeer, IDisposable
{
    private readonly HttpContext _http;
    private readonly string _method;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory? _loggers;
    private readonly DateTime _deadline;
    private readonly Func<Metadata, Task> _sendHeaders;
    private Metadata? _requestHeaders;
    private Metadata? _trailers;
    private CallLifetime? _lifetime;
    private bool _ended;

    /// <param name="http">The request.</param>
    /// <param name="method">The gRPC path of the method.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Where it is told that the handler fails when it is cancelled; null: it does not.</param>
    /// <param name="sendHeaders">Sends the response's head with metadata of the handler's.</param>
    public HttpCallContext(HttpContext http, string method, TimeProvider time, ILoggerFactory? loggers, Func<Metadata, Task> sendHeaders)
    {
        (_http, _method, _time, _loggers, _sendHeaders) = (http, method, time, loggers, sendHeaders);
        var timeout = http.Request.Headers[GrpcTimeout.Header];
        _deadline = timeout.Count == 1 && GrpcTimeout.TryParse(timeout[0], out var remaining)
            ? Until(time.GetUtcNow().UtcDateTime, remaining)
            : DateTime.MaxValue;
    }

    /// <summary>What the certificate proved; on a plain wire what the caller claims.</summary>
    public string? PeerName => _http.Items.TryGetValue(PeerIdentity.ProvedNameKey, out var name)
        ? (string?)name
        : _http.Request.Headers[PeerIdentity.ClaimKey] is [{ } claim] ? claim : null;

    /// <summary>The trailers; null when nobody asked for them.</summary>
    public Metadata? TrailersOrNull => _trailers;

    /// <summary>Why the call ended early.</summary>
    public Status EarlyEnd => Lifetime().EarlyEnd;

    protected override string MethodCore => _method;

    protected override string HostCore => _http.Request.Host.Value ?? "";

    protected override string PeerCore =>
        $"{(_http.Connection.RemoteIpAddress?.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? "ipv6" : "ipv4")}:{_http.Connection.RemoteIpAddress}:{_http.Connection.RemotePort}";

    protected override DateTime DeadlineCore => _deadline;

    protected override Metadata RequestHeadersCore => _requestHeaders ??= _ended ? [] : ReadHeaders();

    protected override CancellationToken CancellationTokenCore => Lifetime().Token;

    protected override Metadata ResponseTrailersCore => _trailers ??= [];

    protected override Status StatusCore { get; set; } = Status.DefaultSuccess;

    protected override WriteOptions? WriteOptionsCore { get; set; }

    protected override AuthContext AuthContextCore => PeerIdentity.AuthContextOf(PeerName);

    public void Dispose()
    {
        _ended = true;
        Volatile.Read(ref _lifetime)?.Dispose();
    }

    protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders) => _sendHeaders(responseHeaders);

    protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) =>
        throw new NotSupportedException("Pass the deadline and the cancellation token on by hand: context.Deadline, context.CancellationToken.");

    private static DateTime Until(DateTime now, TimeSpan remaining) => remaining < DateTime.MaxValue - now ? now + remaining : DateTime.MaxValue;

    private Metadata ReadHeaders()
    {
        var metadata = new Metadata();
        foreach (var (name, values) in _http.Request.Headers)
        {
            if (!MetadataHeaders.IsReserved(name))
            {
                foreach (var value in values)
                {
                    MetadataHeaders.Add(metadata, name, value ?? "");
                }
            }
        }
        return metadata;
    }

    private CallLifetime Lifetime()
    {
        if (Volatile.Read(ref _lifetime) is { } known)
        {
            return known;
        }
        var made = new CallLifetime(_deadline, _time, _ended ? CancellationToken.None : _http.RequestAborted, _loggers);
        if (Interlocked.CompareExchange(ref _lifetime, made, null) is { } other)
        {
            made.Dispose();
            return other;
        }
        return made;
    }
}
