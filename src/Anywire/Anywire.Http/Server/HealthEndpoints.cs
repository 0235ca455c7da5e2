using Grpc.Core;
using Grpc.Health.V1;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Anywire.Http.Server;

/// <summary>What load balancers ask, besides the standard health service: <c>GET /healthz</c> (the process answers) and <c>GET /readyz</c> (the services
/// can do their work).</summary>
internal static class HealthEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, UnaryServerMethod<HealthCheckRequest, HealthCheckResponse> check, TimeProvider time)
    {
        string[] verbs = [HttpMethods.Get, HttpMethods.Head];
        routes.MapMethods("/healthz", verbs, http => AnswerAsync(http, StatusCodes.Status200OK, "alive\n"));
        routes.MapMethods("/readyz", verbs, async http =>
        {
            using var context = new HttpCallContext(http, "/grpc.health.v1.Health/Check", time, loggers: null, static _ => Task.CompletedTask);
            var answer = await check(new HealthCheckRequest(), context);
            await (answer.Status == HealthCheckResponse.Types.ServingStatus.Serving
                ? AnswerAsync(http, StatusCodes.Status200OK, "ready\n")
                : AnswerAsync(http, StatusCodes.Status503ServiceUnavailable, "not ready\n"));
        });
    }

    private static Task AnswerAsync(HttpContext http, int status, string text)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/plain; charset=utf-8";
        http.Response.Headers.CacheControl = "no-store";
        http.Response.ContentLength = text.Length;
        return HttpMethods.IsHead(http.Request.Method) ? Task.CompletedTask : http.Response.WriteAsync(text, http.RequestAborted);
    }
}
