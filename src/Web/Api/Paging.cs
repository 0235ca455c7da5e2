using System.Globalization;
using Microsoft.AspNetCore.Http.Extensions;
using Twite.Contracts;

namespace Twite.Web.Api;

/// <summary>Lists come in pages; the <c>Link</c> header (RFC 8288) says where the next and the previous one are.</summary>
internal static class Paging
{
    private static readonly string[] Cursors = ["max_id", "since_id", "min_id", "offset"];

    /// <summary>The page that a query asks for.</summary>
    /// <exception cref="ApiException">422: a bound is no id.</exception>
    public static Page ReadPage(this ApiCall call, int otherwise = 20, int max = 40) => new()
    {
        MaxId = call.QueryId("max_id"),
        SinceId = call.QueryId("since_id"),
        MinId = call.QueryId("min_id"),
        Limit = call.Number("limit", otherwise, 1, max),
    };

    /// <summary>An id in the query; 0 when there is none.</summary>
    /// <exception cref="ApiException">422: it is no id.</exception>
    public static long QueryId(this ApiCall call, string name)
    {
        var text = call.Query(name);
        if (text is null || text == "0")
        {
            return 0;
        }
        return ApiCall.TryParseId(text, out var id) ? id : throw ApiException.Unprocessable($"{name} is not an id: ids are numbers.");
    }

    /// <summary>Says where the pages around one that was read are; nothing for an empty one.</summary>
    public static void LinkAround(this ApiCall call, IReadOnlyCollection<long> ids)
    {
        if (ids.Count > 0)
        {
            call.Http.Response.Headers.Link = $"{call.Link("max_id", ids.Min(), "next")}, {call.Link("min_id", ids.Max(), "prev")}";
        }
    }

    /// <summary>Says where the next page of a list with a cursor is; nothing after the last one.</summary>
    public static void LinkNext(this ApiCall call, long cursor)
    {
        if (cursor != 0)
        {
            call.Http.Response.Headers.Link = call.Link("max_id", cursor, "next");
        }
    }

    private static string Link(this ApiCall call, string bound, long id, string relation)
    {
        var kept = call.Http.Request.Query.Where(p => !Cursors.Contains(p.Key))
            .SelectMany(p => p.Value, (p, value) => KeyValuePair.Create(p.Key, value ?? ""));
        var query = new QueryBuilder(kept) { { bound, id.ToString(CultureInfo.InvariantCulture) } };
        return $"<{call.Links.Base}{call.Http.Request.Path.ToUriComponent()}{query.ToQueryString()}>; rel=\"{relation}\"";
    }
}
