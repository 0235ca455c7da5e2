using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Twite.Web.Live;
using Twite.Web.Sessions;

namespace Twite.Web.Timelines;

/// <summary>The live streams that the pages' script opens: <c>/live/home</c> and <c>/live/public</c>, from <c>since_id</c> on.</summary>
internal static class LiveEndpoints
{
    public static void MapLive(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/live/public", async (HttpContext context, LiveStreams streams, FragmentRenderer renderer, RequestViewer viewers) =>
        {
            var since = StreamRequest.ReadSinceId(context.Request);
            var request = await viewers.GetOrStrangerAsync() is { } viewer
                ? StreamRequest.PublicOf(viewer.Account.Id, since)
                : StreamRequest.PublicOfStranger(ClientAddress.Of(context), since);
            await streams.ServeAsync(context, request, renderer, context.RequestAborted);
        });

        routes.MapGet("/live/home", async (HttpContext context, LiveStreams streams, FragmentRenderer renderer, RequestViewer viewers) =>
        {
            try
            {
                if (await viewers.GetAsync() is { } viewer)
                {
                    var request = StreamRequest.Home(viewer.Account.Id, StreamRequest.ReadSinceId(context.Request));
                    await streams.ServeAsync(context, request, renderer, context.RequestAborted);
                    return;
                }
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            }
            catch (RpcException)
            {
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                context.Response.Headers.RetryAfter = "5";
            }
        });
    }
}
