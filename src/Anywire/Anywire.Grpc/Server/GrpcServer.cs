using Anywire.HttpConnections.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Anywire.Grpc.Server;

/// <summary>gRPC's server library on a listener.</summary>
internal static class GrpcServer
{
    public static Task<HttpListener> ListenAsync(TransportServerOptions options, GrpcOptions grpc, CancellationToken cancellationToken) =>
        HttpListener.ListenAsync(
            options, grpc.Connections, services => AddGrpc(services, options), app => Map(app, options),
            options.Loggers.CreateLogger<GrpcTransport>(), cancellationToken);

    private static void AddGrpc(IServiceCollection services, TransportServerOptions options) => services.AddGrpc(o =>
    {
        var largest = SizeLimits.Largest(options.Contracts);
        o.MaxReceiveMessageSize = largest;
        o.MaxSendMessageSize = largest;
    });

    private static void Map(WebApplication app, TransportServerOptions options)
    {
        var binder = new DefinitionBinder(options.Contracts);
        options.Bind(binder);
        Reflection.Bind(binder, options.Contracts);
        app.UseRouting();
        app.MapGrpcService(binder.Build());
#pragma warning disable ASP0014 // Without the host nothing adds the end of the pipeline.
        app.UseEndpoints(static _ => { });
#pragma warning restore ASP0014
    }
}
