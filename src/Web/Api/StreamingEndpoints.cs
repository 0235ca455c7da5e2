using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Twite.Web.Live;
using Twite.Web.Sessions;

namespace Twite.Web.Api;

/// <summary>Live streams as server-sent events.</summary>
internal static class StreamingEndpoints
{
    public static Task UserAsync(ApiCall call) =>
        ServeAsync(call, StreamRequest.Home(call.RequireViewer().Account.Id, StreamRequest.ReadSinceId(call.Http.Request)));

    public static Task PublicAsync(ApiCall call)
    {
        var since = StreamRequest.ReadSinceId(call.Http.Request);
        return ServeAsync(call, call.Viewer is { } viewer
            ? StreamRequest.PublicOf(viewer.Account.Id, since)
            : StreamRequest.PublicOfStranger(ClientAddress.Of(call.Http), since));
    }

    public static async Task HealthAsync(ApiCall call)
    {
        call.Http.Response.ContentType = "text/plain; charset=utf-8";
        await call.Http.Response.WriteAsync("OK", call.Aborted);
    }

    private static async Task ServeAsync(ApiCall call, StreamRequest request)
    {
        var services = call.Http.RequestServices;
        var renderers = services.GetRequiredService<StatusStreams>();
        var isKnown = call.Viewer is not null;
        var renderer = renderers.Take(call.Links, isKnown) ?? throw new ApiException(
            StatusCodes.Status503ServiceUnavailable, "There are live streams at too many addresses of this network already. Try again later.", TimeSpan.FromSeconds(10));
        try
        {
            await services.GetRequiredService<LiveStreams>().ServeAsync(call.Http, request, renderer, call.Aborted);
        }
        finally
        {
            renderers.Return(call.Links, isKnown);
        }
        if (!call.Http.Response.HasStarted && call.Http.Response.StatusCode >= 400)
        {
            throw new ApiException(
                call.Http.Response.StatusCode, "There are too many live streams already. Close one, or try again later.", TimeSpan.FromSeconds(10));
        }
    }
}
