using System.Net.Sockets;
using Anywire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Metrics;
using Twite.Commands;
using Twite.Web;

namespace Twite.Telemetry;

/// <summary>A listener for whoever watches the process: <c>/metrics</c> for Prometheus, <c>/healthz</c>, <c>/readyz</c>. It is apart from what people and
/// services reach, and asks nobody who they are: it belongs on an address that strangers cannot reach.</summary>
internal sealed class MetricsEndpoint : IAsyncDisposable
{
    private readonly WebApplication _app;

    private MetricsEndpoint(WebApplication app) => _app = app;

    /// <exception cref="UsageException">The text is no address for it.</exception>
    public static void Require(string url)
    {
        // Any other name than localhost Kestrel takes for all addresses of the machine, and nobody is asked who they are.
        if (!Uri.TryCreate(url, UriKind.Absolute, out var parsed) || parsed.Scheme != Uri.UriSchemeHttp || parsed.PathAndQuery != "/"
            || parsed.UserInfo.Length > 0 || parsed.Fragment.Length > 0
            || !(parsed.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6 || parsed.Host == "localhost"))
        {
            throw new UsageException($"\"{url}\" is not where metrics could be; --metrics takes an address such as http://127.0.0.1:9141: an IP address of this machine, or localhost.");
        }
    }

    /// <summary>The address of the one that is so many places behind the first of several on one machine.</summary>
    public static string Behind(string url, int places)
    {
        var first = new UriBuilder(url);
        first.Port += places;
        return first.Uri.GetLeftPart(UriPartial.Authority);
    }

    /// <exception cref="IOException">The address cannot be listened on.</exception>
    public static async Task<MetricsEndpoint> StartAsync(
        string url, MeterProvider meters, Func<CancellationToken, ValueTask<Readiness>> checkReadiness, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = 100;
            kestrel.Limits.MaxRequestBodySize = 0;
        });
        builder.Services.AddRoutingCore();
        // The program decides when to stop; a host within it must not listen to signals.
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        var app = builder.Build();
        app.Urls.Add(new Uri(url).GetLeftPart(UriPartial.Authority));
        app.UseOpenTelemetryPrometheusScrapingEndpoint(meters, predicate: null, "/metrics", configureBranchedPipeline: null, optionsName: null);
        app.UseRouting();
        app.MapHealth(checkReadiness);
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            await app.DisposeAsync();
            throw new IOException($"Metrics cannot be shown at {url}: somebody else has that port, or it is no address of this machine. Give another by --metrics.", error);
        }
        return new MetricsEndpoint(app);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
