using System.Net;
using System.Net.Http.Json;
using System.Net.Security;
using System.Security.Authentication;
using System.Text.Json.Serialization;
using Anywire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Twite.Bench.Json;

namespace Twite.Bench.Http;

/// <summary>The same calls as a minimal API and an <see cref="HttpClient"/>, as the documentation of ASP.NET Core sets them up.</summary>
internal sealed class ByHand : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(3);

    private readonly WebApplication _app;
    private readonly HttpClient _http;
    private readonly ByHandJson _json = new(new(System.Text.Json.JsonSerializerDefaults.Web));
    private readonly SessionAsked _session = new(new string('t', 32));
    private readonly TimelineAsked _timeline = new([.. Enumerable.Range(1, 50).Select(i => (long)i)]);

    private ByHand(WebApplication app, HttpClient http) => (_app, _http) = (app, http);

    public static async Task<ByHand> StartAsync(ServiceCredentials server, ServiceCredentials client)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.ConfigureHttpJsonOptions(o => o.SerializerOptions.TypeInfoResolverChain.Insert(0, ByHandJson.Default));
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            listen.UseHttps(new HttpsConnectionAdapterOptions
            {
                ServerCertificate = server.Certificate,
                ClientCertificateMode = ClientCertificateMode.RequireCertificate,
                ClientCertificateValidation = (peer, _, _) => server.IsTrusted(peer),
                SslProtocols = SslProtocols.Tls13,
            });
        }));
        var app = builder.Build();
        var (session, timeline) = (JsonSamples.Plain(JsonSamples.Session()), JsonSamples.Plain(JsonSamples.Timeline()));
        app.MapPost("/v1/sessions:verify", (SessionAsked asked) => asked.Token.Length == 0 ? Results.BadRequest() : Results.Ok(session));
        app.MapPost("/v1/messages:byAuthors", (TimelineAsked asked) => asked.AuthorIds.Length == 0 ? Results.BadRequest() : Results.Ok(timeline));
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        var http = new HttpClient(new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,
            SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificates = [client.Certificate],
                EnabledSslProtocols = SslProtocols.Tls13,
                CertificateChainPolicy = client.ChainPolicy(),
                // Its name is that of a service, not of this host.
                RemoteCertificateValidationCallback = (_, _, _, errors) => (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None,
            },
        })
        {
            BaseAddress = new Uri(address),
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = Deadline,
        };
        return new ByHand(app, http);
    }

    public async Task VerifyAsync()
    {
        using var reply = await _http.PostAsJsonAsync("/v1/sessions:verify", _session, _json.SessionAsked);
        reply.EnsureSuccessStatusCode();
        _ = await reply.Content.ReadFromJsonAsync(_json.SessionRecord);
    }

    public async Task ListAsync()
    {
        using var reply = await _http.PostAsJsonAsync("/v1/messages:byAuthors", _timeline, _json.TimelineAsked);
        reply.EnsureSuccessStatusCode();
        _ = await reply.Content.ReadFromJsonAsync(_json.TimelineRecord);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
    }
}

internal sealed record SessionAsked(string Token);

internal sealed record TimelineAsked(long[] AuthorIds);

[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(SessionAsked))]
[JsonSerializable(typeof(TimelineAsked))]
[JsonSerializable(typeof(SessionRecord))]
[JsonSerializable(typeof(TimelineRecord))]
internal sealed partial class ByHandJson : JsonSerializerContext;
