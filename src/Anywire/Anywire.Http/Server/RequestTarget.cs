using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Anywire.Http.Server;

/// <summary>A request's target as it came, still encoded.</summary>
internal static class RequestTarget
{
    public static string Of(HttpContext http) => http.Features.Get<IHttpRequestFeature>()?.RawTarget ?? http.Request.Path.Value ?? "";

    /// <summary>Its path, segment by segment what the request was routed by.</summary>
    /// <exception cref="HttpFailure">400: the path leads up and down, so that routing saw another one.</exception>
    public static string PathOf(HttpContext http)
    {
        var target = Of(http);
        var path = target.AsSpan();
        path = path.IndexOf('?') is >= 0 and var query ? path[..query] : path;
        if (!path.StartsWith('/'))
        {
            // Whole, as a proxy is sent it (RFC 9112, 3.2.2).
            var authority = path.IndexOf("://", StringComparison.Ordinal) + "://".Length;
            path = path[authority..].IndexOf('/') is >= 0 and var slash ? path[(authority + slash)..] : "/";
        }
        foreach (var segment in path.Split('/'))
        {
            if (IsDots(path[segment]))
            {
                throw new HttpFailure(StatusCodes.Status400BadRequest, StatusCode.InvalidArgument, "The path has a segment \".\" or \"..\": send it without.");
            }
        }
        return path.Length == target.Length ? target : path.ToString();
    }

    private static bool IsDots(ReadOnlySpan<char> segment)
    {
        if (segment.Length > 2 * "%2e".Length)
        {
            return false;
        }
        var dots = 0;
        for (; !segment.IsEmpty; dots++)
        {
            var length = segment[0] == '.' ? 1 : segment.StartsWith("%2e", StringComparison.OrdinalIgnoreCase) ? "%2e".Length : 0;
            if (length == 0)
            {
                return false;
            }
            segment = segment[length..];
        }
        return dots is 1 or 2;
    }
}
