using Anywire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Twite.Web;

/// <summary>What a supervisor or a load balancer asks: <c>/healthz</c>, does it run; <c>/readyz</c>, can it do its work, and what it does without.</summary>
public static class HealthEndpoints
{
    /// <summary>Maps both.</summary>
    /// <param name="routes">Where to.</param>
    /// <param name="checkReadiness">Whether the work can be done; null when running is enough.</param>
    public static void MapHealth(this IEndpointRouteBuilder routes, Func<CancellationToken, ValueTask<Readiness>>? checkReadiness)
    {
        routes.MapGet("/healthz", () => Results.Text("ok\n"));
        routes.MapGet("/readyz", async (HttpContext context) =>
        {
            var readiness = checkReadiness is not null ? await checkReadiness(context.RequestAborted) : Readiness.Ready;
            return readiness.IsReady
                ? Results.Text(readiness.Reason is { } reason ? $"ready, {reason}\n" : "ready\n")
                : Results.Text(readiness.Reason + "\n", statusCode: StatusCodes.Status503ServiceUnavailable);
        });
    }
}
