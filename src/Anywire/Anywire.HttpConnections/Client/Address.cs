using System.Net.Sockets;
using Anywire.Client;
using Anywire.Identity;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Anywire.HttpConnections.Client;

/// <summary>One address of a service: its connections, and whether it can be reached. Any thread may use it.</summary>
internal sealed class Address : IDisposable
{
    private readonly TransportClientOptions _options;
    private readonly TimeSpan _connectTimeout;
    private readonly ILogger _logger;
    private readonly HttpMessageInvoker _connections;
    private readonly Lock _lock = new();
    private volatile bool _isUp = true;
    private volatile string? _tlsProblem;
    private volatile string _reason = "";
    private int _failures;
    private long _failedAt;
    private TimeSpan _backOff;
    private bool _isProbing;

    public Address(Endpoint endpoint, TransportClientOptions options, HttpConnectionOptions http, MutualTls? tls, ILogger logger)
    {
        (Endpoint, _options, _connectTimeout, _logger) = (endpoint, options, http.ConnectTimeout, logger);
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = DialAsync,
            ConnectTimeout = http.ConnectTimeout,
            EnableMultipleHttp2Connections = true,
            KeepAlivePingDelay = http.KeepAliveDelay,
            KeepAlivePingTimeout = http.KeepAliveTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always,
            PooledConnectionIdleTimeout = http.IdleTimeout,
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            // The waist writes trace context, once for all wires.
            ActivityHeadersPropagator = null,
        };
        if (tls is not null)
        {
            handler.SslOptions = tls.Client(options.Service, problem => _tlsProblem = problem);
        }
        _connections = new HttpMessageInvoker(handler);
    }

    /// <summary>Called when <see cref="IsUp"/> changed; set once, before the first call.</summary>
    public Action? OnChange { get; set; }

    public Endpoint Endpoint { get; }

    /// <summary>Whether calls may be sent there; true until shown otherwise.</summary>
    public bool IsUp => _isUp;

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        _connections.SendAsync(request, cancellationToken);

    /// <summary>Whether someone should find out now whether the address is back; says so to one only, who then must call <see cref="EndProbe"/>.</summary>
    public bool TryBeginProbe()
    {
        lock (_lock)
        {
            if (_isUp || _isProbing || _options.Time.GetElapsedTime(_failedAt) < _backOff)
            {
                return false;
            }
            _isProbing = true;
            return true;
        }
    }

    public void EndProbe()
    {
        lock (_lock)
        {
            _isProbing = false;
        }
    }

    public void Up()
    {
        lock (_lock)
        {
            if (_isUp)
            {
                return;
            }
            _failures = 0;
            _isUp = true;
        }
        _logger.AddressUp(_options.Service, Endpoint);
        OnChange?.Invoke();
    }

    /// <param name="reason">Why, in words.</param>
    /// <param name="error">What a call failed with; null when it was answered.</param>
    public void Down(string reason, Exception? error = null)
    {
        if (Unreachable.Find<RecentFailureException>(error) is not null)
        {
            // Nothing was tried, so nothing new is known.
            return;
        }
        bool wasUp;
        lock (_lock)
        {
            wasUp = _isUp;
            // Calls that failed together count once.
            if (_failures == 0 || _options.Time.GetElapsedTime(_failedAt) >= _backOff)
            {
                _backOff = Reconnecting.PauseAfter(_failures);
                _failures++;
            }
            Volatile.Write(ref _failedAt, _options.Time.GetTimestamp());
            _reason = reason;
            _isUp = false;
        }
        if (wasUp)
        {
            _logger.AddressDown(_options.Service, Endpoint, reason);
            OnChange?.Invoke();
        }
    }

    /// <summary>Why a call could not be sent, in words; null when it may have been.</summary>
    public string? WhyNotSent(Exception error, CancellationToken cancellationToken) => error switch
    {
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => Secure(error),
        HttpRequestException
        {
            HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.VersionNegotiationError
        } => Unreachable.Why(error),
        // Connecting timed out: the only cancellation that is not the call's own.
        OperationCanceledException when !cancellationToken.IsCancellationRequested => "no connection could be made in time",
        _ => null,
    };

    /// <summary>Whether the connection broke under a call. What the other side said by HTTP/2's own error codes is no such break, save the two that
    /// stand for a connection closed (0) and for one that is of no use, such as one whose pings go unanswered (1).</summary>
    public static bool IsLost(Exception? error) => Unreachable.Find<HttpProtocolException>(error) is { } protocol
        ? protocol.ErrorCode is 0 or 1
        // Without any cause: the other side closed a new connection, as after a handshake it did not like.
        : error is HttpRequestException { HttpRequestError: HttpRequestError.Unknown, InnerException: null }
            || Unreachable.Find<IOException>(error) is not null || Unreachable.Find<SocketException>(error) is not null;

    /// <summary>What a call fails with whose connection broke before it was answered.</summary>
    public RpcException Lost(string service, Exception cause) =>
        new(new Status(StatusCode.Unavailable, $"The connection to {service} at {Endpoint} was lost before it answered.", cause));

    /// <summary>Connects.</summary>
    /// <param name="endpoint">Where to.</param>
    /// <param name="time">What there is for all its IP addresses.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SocketException">Nobody is there, or not any more.</exception>
    public static async Task<NetworkStream> ConnectAsync(Endpoint endpoint, TimeSpan time, CancellationToken cancellationToken) => new(
        await HostAddresses.ConnectAsync(endpoint, time, TimeProvider.System, HostAddresses.DialAsync, cancellationToken), ownsSocket: true);

    public void Dispose() => _connections.Dispose();

    private string Secure(Exception error) => Interlocked.Exchange(ref _tlsProblem, null) ?? Unreachable.Why(error);

    private async ValueTask<Stream> DialAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        if (!_isUp && _options.Time.GetElapsedTime(Volatile.Read(ref _failedAt)) < Reconnecting.FailFast)
        {
            throw new RecentFailureException(_reason);
        }
        return await ConnectAsync(Endpoint, _connectTimeout, cancellationToken);
    }

    private sealed class RecentFailureException(string reason) : IOException(reason);
}
