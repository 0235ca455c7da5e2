using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Twite.Web.Avatars;

/// <summary>Serves everybody's picture. Asks no service: there is one for every id, whoever has it.</summary>
internal static class AvatarEndpoints
{
    /// <summary>Maps <c>/avatars/ID.svg</c> and <c>/headers/ID.svg</c>.</summary>
    public static void MapAvatars(this IEndpointRouteBuilder app)
    {
        app.MapGet("/avatars/{id:long:min(1)}.svg", (HttpContext http, long id) => WriteAsync(http, Identicon.Avatar(id)));
        app.MapGet("/headers/{id:long:min(1)}.svg", (HttpContext http, long id) => WriteAsync(http, Identicon.Header(id)));
    }

    private static Task WriteAsync(HttpContext http, string svg)
    {
        http.Response.ContentType = "image/svg+xml; charset=utf-8";
        http.Response.Headers.CacheControl = "public, max-age=604800, immutable";
        // Programs in other sites' pages show these pictures.
        http.Response.Headers["Cross-Origin-Resource-Policy"] = "cross-origin";
        return http.Response.WriteAsync(svg, http.RequestAborted);
    }
}
