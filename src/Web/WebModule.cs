using Anywire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Twite.Web.Live;

namespace Twite.Web;

/// <summary>The front end: pages, live updates and the public API, on its own HTTP server. It is built by <see cref="OpenAsync"/>, listens from
/// <see cref="StartAsync"/> on, and lets what it has accepted finish when it is disposed.</summary>
public sealed class WebModule : IServiceModule
{
    private readonly WebApplication _app;
    private readonly LiveFeed _feed;
    private readonly WebOptions _options;
    private readonly ILogger _log;
    private bool _started;

    private WebModule(WebApplication app, LiveFeed feed, WebOptions options, ILogger log)
    {
        (_app, _feed, _options, _log) = (app, feed, options, log);
        Services = [feed.Receiver];
    }

    /// <inheritdoc/>
    public IReadOnlyList<ServiceRegistration> Services { get; }

    /// <summary>Where it listens, with the real ports; empty before <see cref="StartAsync"/>.</summary>
    public IReadOnlyList<string> Urls => _started
        ? [.. _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses]
        : [];

    /// <summary>Builds the front end. It does not listen yet, and calls no service.</summary>
    /// <exception cref="IOException">The data directory cannot be written.</exception>
    /// <exception cref="FormatException">A URL or a proxy's address is none.</exception>
    public static Task<WebModule> OpenAsync(ServiceContext context, WebOptions options, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var clients = new TwiteClients(context.Directory);
        var feed = new LiveFeed(clients, new LiveOptions { ReceiverAddress = options.ReceiverAddress }, context.Loggers, context.Time);
        var app = WebServer.Build(context, options, clients, feed);
        return Task.FromResult(new WebModule(app, feed, options, context.Loggers.CreateLogger<WebModule>()));
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">An address cannot be listened on; the message names it and says what to do.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var urls = string.Join(", ", _options.Urls);
        try
        {
            await _app.StartAsync(cancellationToken);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new IOException(
                $"The front end cannot listen on {urls}: another program does already. End that one, or choose another address with --urls.", e);
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException or InvalidOperationException)
        {
            throw new IOException($"The front end cannot listen on {urls}: {e.Message} Choose another address with --urls.", e);
        }
        _started = true;
        _feed.Start();
        WebLog.Listening(_log, string.Join(", ", Urls));
        if (!WebServer.IsSecure(_options))
        {
            WebLog.PlainHttp(_log, urls);
        }
    }

    /// <inheritdoc/>
    public ValueTask<Readiness> CheckReadinessAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult(_started ? _feed.Readiness : new Readiness(false, "The front end does not listen yet."));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_started)
        {
            _feed.EndStreams();
            // The host cuts off what has not finished within its own timeout, DrainTimeout.
            await _app.StopAsync(CancellationToken.None);
            _started = false;
        }
        await _app.DisposeAsync();
        await _feed.DisposeAsync();
    }
}
