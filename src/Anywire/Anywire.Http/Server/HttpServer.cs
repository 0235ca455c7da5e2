using Anywire.Http.Json;
using Anywire.Http.Mapping;
using Anywire.Http.OpenApi;
using Anywire.HttpConnections.Server;
using Grpc.Core;
using Grpc.Health.V1;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Anywire.Http.Server;

/// <summary>The methods' routes on a listener.</summary>
internal static class HttpServer
{
    /// <exception cref="IOException">The address cannot be listened on; the message names it.</exception>
    /// <exception cref="FormatException">A contract's <c>google.api.http</c> rule cannot be used.</exception>
    public static Task<HttpListener> ListenAsync(
        TransportServerOptions options, HttpAddress address, HttpOptions http, CancellationToken cancellationToken) =>
        HttpListener.ListenAsync(
            options, http.Connections(address.Protocols(options.Endpoint)), static _ => { }, app => Map(app, options),
            options.Loggers.CreateLogger<HttpTransport>(), cancellationToken);

    private static void Map(WebApplication app, TransportServerOptions options)
    {
        var codec = new JsonCodec(new JsonCodecOptions { Types = KnownTypes.Of(options.Contracts) });
        var problems = new Problems(codec);
        app.Use((http, next) => AnswerWhatNobodyDid(http, next, problems));
        app.UseRouting();
        var binder = new RestBinder(app, options.Contracts, new ServerSide(codec, problems, options.Time, options.Loggers));
        options.Bind(binder);
        OpenApiEndpoints.Map(app, [.. options.Contracts.Services.Append(Health.Descriptor).Where(s => binder.Services.Contains(s.FullName))], options.Contracts);
#pragma warning disable ASP0014 // Without the host nothing adds the end of the pipeline.
        app.UseEndpoints(static _ => { });
#pragma warning restore ASP0014
    }

    // What no route answered: a path or a verb that there is not.
    private static async Task AnswerWhatNobodyDid(HttpContext http, RequestDelegate next, Problems problems)
    {
        await next(http);
        if (http.Response is { HasStarted: false, StatusCode: StatusCodes.Status404NotFound or StatusCodes.Status405MethodNotAllowed, ContentType: null } response)
        {
            var problem = response.StatusCode == StatusCodes.Status405MethodNotAllowed
                ? $"This path does not answer to {http.Request.Method}; it does to {response.Headers.Allow}."
                : "There is nothing at this path.";
            await ProblemResponse.WriteAsync(http, problems, new Status(StatusCode.Unimplemented, problem), null, response.StatusCode);
        }
    }
}
