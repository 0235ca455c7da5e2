using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Twite.Web.Sessions;

namespace Twite.Web.Api;

/// <summary>One request of a program: who it is from, what it asks, and how it is answered.</summary>
internal sealed class ApiCall(HttpContext http, Viewer? viewer, TwiteClients clients, ApiLinks links, ApiRateLimits limits)
{
    public HttpContext Http { get; } = http;

    /// <summary>Whose token came with it; null when none did.</summary>
    public Viewer? Viewer { get; } = viewer;

    public TwiteClients Clients { get; } = clients;

    public ApiLinks Links { get; } = links;

    public ApiRateLimits Limits { get; } = limits;

    public EntityReader Entities { get; } = new(clients, links);

    /// <summary>Cancelled when the client has gone.</summary>
    public CancellationToken Aborted => Http.RequestAborted;

    /// <summary>The person whose token came with it.</summary>
    /// <exception cref="ApiException">401: no token came.</exception>
    public Viewer RequireViewer() => Viewer ?? throw ApiException.InvalidToken();

    /// <summary>The id in the path.</summary>
    /// <exception cref="ApiException">404: it is no id.</exception>
    public long PathId() =>
        TryParseId(Http.GetRouteValue("id") as string, out var id) ? id : throw ApiException.NotFound();

    /// <summary>A parameter of the query; null when it is missing or empty.</summary>
    public string? Query(string name) => Http.Request.Query[name].LastOrDefault() is { Length: > 0 } value ? value : null;

    /// <summary>A parameter that switches something on.</summary>
    public bool Flag(string name) => Query(name) is "true" or "1" or "on" or "t";

    /// <summary>A number within bounds; what is none counts as missing.</summary>
    public int Number(string name, int otherwise, int min, int max) =>
        int.TryParse(Query(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? Math.Clamp(value, min, max) : otherwise;

    /// <summary>Answers with an entity.</summary>
    public Task WriteAsync<T>(T value, JsonTypeInfo<T> type) => WriteAsync(Http, value, type, StatusCodes.Status200OK);

    public static async Task WriteAsync<T>(HttpContext http, T value, JsonTypeInfo<T> type, int status)
    {
        http.Response.StatusCode = status;
        http.Response.Headers.CacheControl = "private, no-store";
        await http.Response.WriteAsJsonAsync(value, type, "application/json; charset=utf-8", http.RequestAborted);
    }

    public static bool TryParseId(string? text, out long id) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id) && id > 0;
}
