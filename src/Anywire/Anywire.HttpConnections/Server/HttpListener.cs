using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Anywire.HttpConnections.Server;

/// <summary>One listening address: a Kestrel of its own.</summary>
internal sealed class HttpListener : ITransportServer
{
    // Calls that were on their way when the last refusal was sent arrive within this time.
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestQuiet = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    private readonly WebApplication _services;
    private readonly IServer _server;
    private readonly CallApplication _application;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private bool _isClosed;

    private HttpListener(WebApplication services, IServer server, CallApplication application, Endpoint endpoint, TimeProvider time, ILogger logger) =>
        (_services, _server, _application, Endpoint, _time, _logger) = (services, server, application, endpoint, time, logger);

    public Endpoint Endpoint { get; }

    /// <summary>Listens.</summary>
    /// <param name="options">Where, with which bounds and certificates.</param>
    /// <param name="http">How connections are kept.</param>
    /// <param name="addServices">Registers what the pipeline needs.</param>
    /// <param name="configure">Makes the pipeline.</param>
    /// <param name="logger">Where connections are told of.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">The address cannot be listened on; the message names it.</exception>
    public static async Task<HttpListener> ListenAsync(
        TransportServerOptions options, HttpConnectionOptions http, Action<IServiceCollection> addServices, Action<WebApplication> configure,
        ILogger logger, CancellationToken cancellationToken)
    {
        var addresses = await ListenAddress.ResolveAsync(options.Endpoint, cancellationToken);
        // Not run as a host: it would listen to SIGTERM, and stopping is the waist's to decide.
        var app = Build(options, http, addresses, addServices, logger);
        configure(app);
        var server = app.Services.GetRequiredService<IServer>();
        try
        {
            var application = new CallApplication(
                ((IApplicationBuilder)app).Build(), app.Services.GetRequiredService<IServiceScopeFactory>(), options.Time);
            await server.StartAsync(application, cancellationToken);
            var endpoint = options.Endpoint.WithPort(PortOf(server));
            logger.Listening(endpoint);
            return new HttpListener(app, server, application, endpoint, options.Time, logger);
        }
        catch (Exception error)
        {
            server.Dispose();
            await app.DisposeAsync();
            if (ListenAddress.Explain(options.Endpoint, error) is { } reason)
            {
                throw new IOException(reason, error);
            }
            throw;
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await SettleAsync(cancellationToken);
        using var timeout = new CancellationTokenSource(CloseTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        await CloseAsync(either.Token);
        if (timeout.IsCancellationRequested)
        {
            _logger.ClosedByForce(Endpoint);
        }
    }

    public async ValueTask DisposeAsync() => await CloseAsync(new CancellationToken(canceled: true));

    /// <summary>Closing a connection races with calls on their way over it, which would then fail without proof that they were not executed. So
    /// a busy server goes on refusing calls for a moment, until the clients have gone elsewhere.</summary>
    private async Task SettleAsync(CancellationToken cancellationToken)
    {
        var since = _time.GetTimestamp();
        while (_application.LastCallAt != 0 && _time.GetElapsedTime(_application.LastCallAt) is var idle && idle < Quiet
            && _time.GetElapsedTime(since) < LongestQuiet)
        {
            await Task.Delay(Quiet - idle, _time, cancellationToken);
        }
    }

    private async Task CloseAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _isClosed, true))
        {
            return;
        }
        await _server.StopAsync(cancellationToken);
        _server.Dispose();
        await _services.DisposeAsync();
    }

    private static WebApplication Build(
        TransportServerOptions options, HttpConnectionOptions http, IReadOnlyList<IPEndPoint> addresses, Action<IServiceCollection> addServices, ILogger logger)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<ILoggerFactory>(new QuietLoggers(options.Loggers));
        builder.Services.AddRouting();
        addServices(builder.Services);
        var tls = options.Credentials is { } credentials ? new ServerTls(credentials, http.Protocols, logger) : null;
        var gate = new ConnectionGate(options.Limits.MaxConnections, http.MaxNewConnections);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            Limit(kestrel, options.Limits, http);
            // Kestrel counts whoever has connected: with that limit strangers would keep out the cluster's own.
            kestrel.Limits.MaxConcurrentConnections = tls is null ? options.Limits.MaxConnections : null;
            foreach (var address in addresses)
            {
                kestrel.Listen(address, listen =>
                {
                    listen.Protocols = http.Protocols;
                    if (tls is not null)
                    {
                        listen.Use(gate.Greet);
                        listen.UseHttps(tls.Options());
                        listen.Use(gate.Admit);
                    }
                });
            }
        });
        return builder.Build();
    }

    private static void Limit(KestrelServerOptions kestrel, ServerLimits limits, HttpConnectionOptions http)
    {
        kestrel.AddServerHeader = false;
        // Messages have their own limit; a stream has none.
        kestrel.Limits.MaxRequestBodySize = null;
        // A reader may be slow for as long as it answers pings: its stream's window bounds what waits for it.
        kestrel.Limits.MinResponseDataRate = null;
        var http2 = kestrel.Limits.Http2;
        http2.MaxStreamsPerConnection = http.MaxStreamsPerConnection;
        http2.KeepAlivePingDelay = http.KeepAliveDelay;
        http2.KeepAlivePingTimeout = http.KeepAliveTimeout;
        http2.InitialStreamWindowSize = limits.StreamWindowBytes;
        http2.InitialConnectionWindowSize = (int)Math.Min(int.MaxValue, 4L * limits.StreamWindowBytes);
    }

    private static int PortOf(IServer server) =>
        new Uri(server.Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
}
