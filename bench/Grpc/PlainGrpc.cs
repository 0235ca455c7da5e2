using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using Anywire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;

namespace Twite.Bench.Grpc;

/// <summary>grpc-dotnet as its documentation sets it up, with mutual TLS 1.3 or without.</summary>
internal static class PlainGrpc
{
    /// <summary>Starts a server of one service on a free port of the loopback address.</summary>
    public static async Task<WebApplication> StartAsync<TService>(ServiceCredentials? credentials, TService service)
        where TService : class
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRouting();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(service);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            if (credentials is not null)
            {
                listen.UseHttps(new HttpsConnectionAdapterOptions
                {
                    ServerCertificate = credentials.Certificate,
                    ClientCertificateMode = ClientCertificateMode.RequireCertificate,
                    ClientCertificateValidation = (peer, _, _) => credentials.IsTrusted(peer),
                    SslProtocols = SslProtocols.Tls13,
                });
            }
        }));
        var app = builder.Build();
        app.UseRouting();
        app.MapGrpcService<TService>();
#pragma warning disable ASP0014 // The empty builder adds no end of the pipeline.
        app.UseEndpoints(static _ => { });
#pragma warning restore ASP0014
        await app.StartAsync();
        return app;
    }

    /// <summary>What its client connects with.</summary>
    public static SocketsHttpHandler Handler(ServiceCredentials? credentials)
    {
        var handler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true };
        if (credentials is not null)
        {
            handler.SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificates = [credentials.Certificate],
                EnabledSslProtocols = SslProtocols.Tls13,
                CertificateChainPolicy = credentials.ChainPolicy(),
                // Its name is that of a service, not of this host.
                RemoteCertificateValidationCallback = (_, _, _, errors) => (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None,
            };
        }
        return handler;
    }
}
