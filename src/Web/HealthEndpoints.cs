using Anywire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Twite.Web;

/// <summary>What a supervisor or a load balancer asks: <c>/healthz</c>, does it run; <c>/readyz</c>, can it do its work, and what it does without.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder routes, WebOptions options)
    {
        routes.MapGet("/healthz", () => Results.Text("ok\n"));
        routes.MapGet("/readyz", async (HttpContext context) =>
        {
            var readiness = options.CheckReadiness is { } check ? await check(context.RequestAborted) : Readiness.Ready;
            return readiness.IsReady
                ? Results.Text(readiness.Reason is { } reason ? $"ready, {reason}\n" : "ready\n")
                : Results.Text(readiness.Reason + "\n", statusCode: StatusCodes.Status503ServiceUnavailable);
        });
    }
}
