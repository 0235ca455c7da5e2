using System.Net;
using Anywire;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.CookiePolicy;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.WebEncoders;
using Twite.Web.Api;
using Twite.Web.Avatars;
using Twite.Web.Errors;
using Twite.Web.Live;
using Twite.Web.Posting;
using Twite.Web.Security;
using Twite.Web.Sessions;
using Twite.Web.Timelines;

namespace Twite.Web;

/// <summary>Puts the HTTP server together: what is registered, and what a request passes on its way.</summary>
internal static class WebServer
{
    /// <summary>Whether cookies may be bound to secure connections.</summary>
    public static bool IsSecure(WebOptions options) => options.SecureCookies
        ?? options.Urls.Select(BindingAddress.Parse).All(a => a.Scheme == Uri.UriSchemeHttps || IsThisMachine(a.Host));

    public static WebApplication Build(ServiceContext context, WebOptions options, TwiteClients clients, LiveFeed feed)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions
        {
            ApplicationName = typeof(WebServer).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
        });
        builder.WebHost.UseKestrel(kestrel => Limit(kestrel, options));
        builder.Services
            .AddLogging()
            .AddSingleton(context.Loggers)
            .AddSingleton(context.Time)
            // The program decides when to stop; a host within it must not listen to signals.
            .AddSingleton<IHostLifetime, NoSignals>()
            .Configure<HostOptions>(host => host.ShutdownTimeout = options.DrainTimeout);

        AddFrontEnd(builder.Services, options, clients, feed);
        var app = builder.Build();
        foreach (var url in options.Urls)
        {
            app.Urls.Add(url);
        }
        Configure(app, options);
        return app;
    }

    private static void AddFrontEnd(IServiceCollection services, WebOptions options, TwiteClients clients, LiveFeed feed)
    {
        var secure = IsSecure(options);
        var keys = Directory.CreateDirectory(Path.Combine(options.DataDirectory, "web-keys"));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(keys.FullName, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        services.AddDataProtection().SetApplicationName("Twite").PersistKeysToFileSystem(keys);

        services
            .AddSingleton(options)
            .AddSingleton(clients)
            .AddSingleton(feed)
            .AddSingleton(feed.Streams)
            .AddSingleton(new SessionCookie(secure))
            .AddSingleton(new DeviceCookie(secure))
            .AddSingleton(new PendingCookie(secure))
            .AddSingleton<PendingSeal>()
            .AddSingleton<MessagePoster>()
            .AddScoped<PendingPosts>()
            .AddSingleton<ViewerResolver>()
            .AddSingleton<RecentAccounts>()
            .AddSingleton<UnreadCounts>()
            .AddSingleton<TimelineReader>()
            .AddSingleton<RazorFragments>()
            .AddSingleton<FragmentRenderer>()
            .AddScoped<RequestViewer>()
            .AddPublicApi(options.Api)
            .AddHttpContextAccessor()
            .AddSingleton<IAntiforgeryAdditionalDataProvider, SessionBoundTokens>()
            .AddAntiforgery(antiforgery =>
            {
                antiforgery.Cookie.Name = secure ? "__Host-form" : "form";
                antiforgery.Cookie.Path = "/";
                antiforgery.SuppressXFrameOptionsHeader = true;
            })
            // Letters of all scripts stay readable; what HTML could take for markup is still encoded.
            .Configure<WebEncoderOptions>(encoders => encoders.TextEncoderSettings =
                new System.Text.Encodings.Web.TextEncoderSettings(System.Text.Unicode.UnicodeRanges.All))
            .AddRazorPages();
    }

    private static void Configure(WebApplication app, WebOptions options)
    {
        var secure = IsSecure(options);
        if (options.TrustedProxies.Count > 0)
        {
            app.UseForwardedHeaders(Forwarding(options));
        }
        app.UseSecurityHeaders();
        app.UseStaticAssets();
        app.UseErrorPages();
        app.UseCookiePolicy(new CookiePolicyOptions
        {
            Secure = secure ? CookieSecurePolicy.Always : CookieSecurePolicy.None,
            HttpOnly = HttpOnlyPolicy.Always,
            MinimumSameSitePolicy = SameSiteMode.Lax,
        });
        app.UseRouting();
        app.UseCors();
        app.MapHealth(options.CheckReadiness);
        app.MapPublicApi();
        app.MapAvatars();
        app.MapLive();
        app.MapRazorPages();
    }

    private static void Limit(KestrelServerOptions kestrel, WebOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = options.MaxBodyBytes;
        kestrel.Limits.MaxConcurrentConnections = options.MaxConnections;
        kestrel.Limits.MaxConcurrentUpgradedConnections = 0;
        kestrel.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
        kestrel.Limits.MaxRequestHeaderCount = 64;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(75);
    }

    private static ForwardedHeadersOptions Forwarding(WebOptions options)
    {
        var forwarding = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto };
        forwarding.KnownIPNetworks.Clear();
        forwarding.KnownProxies.Clear();
        foreach (var proxy in options.TrustedProxies)
        {
            forwarding.KnownProxies.Add(IPAddress.TryParse(proxy, out var address)
                ? address
                : throw new FormatException($"\"{proxy}\" is not the address of a proxy. Write an IP address such as 10.0.0.7."));
        }
        return forwarding;
    }

    private static bool IsThisMachine(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
}
