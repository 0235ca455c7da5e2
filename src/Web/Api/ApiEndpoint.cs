using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;
using Twite.Web.Sessions;

namespace Twite.Web.Api;

/// <summary>Answers one request of a program.</summary>
internal delegate Task ApiHandler(ApiCall call);

/// <summary>What every request of a program passes: method, size, token, rate limit, errors. One per path; any thread.</summary>
internal sealed class ApiEndpoint(IReadOnlyDictionary<string, ApiHandler> handlers)
{
    private const string Scheme = "Bearer ";

    private readonly string _allow = string.Join(", ", handlers.Keys);

    public async Task InvokeAsync(HttpContext http)
    {
        var services = http.RequestServices;
        try
        {
            await HandleAsync(http, services);
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client has gone: there is nobody to tell.
        }
        catch (Exception e)
        {
            await ApiErrors.WriteAsync(http, e, services.GetRequiredService<ILogger<ApiEndpoint>>());
        }
    }

    private async Task HandleAsync(HttpContext http, IServiceProvider services)
    {
        var options = services.GetRequiredService<ApiOptions>();
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = options.MaxBodyBytes;
        }

        var token = ReadToken(http.Request);
        var viewer = token is null ? null : await services.GetRequiredService<ViewerResolver>().ResolveAsync(token, http.RequestAborted);
        var limits = services.GetRequiredService<ApiRateLimits>();
        limits.TakeRequest(http, viewer);
        if (token is not null && viewer is null)
        {
            throw ApiException.InvalidToken();
        }
        if (!handlers.TryGetValue(HttpMethods.IsHead(http.Request.Method) ? HttpMethods.Get : http.Request.Method, out var handler))
        {
            throw NoSuchMethod(http);
        }
        await handler(new ApiCall(http, viewer, services.GetRequiredService<TwiteClients>(), ApiLinks.Of(http.Request, options), limits));
    }

    // The cookie of the pages is never looked at: another site's page may use this API, and must not do so in its visitor's name.
    private static string? ReadToken(HttpRequest request)
    {
        var header = request.Headers[HeaderNames.Authorization].ToString();
        if (header.Length == 0)
        {
            return null;
        }
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : "";
    }

    private ApiException NoSuchMethod(HttpContext http)
    {
        if (handlers.Count == 0)
        {
            return ApiException.NotFound();
        }
        http.Response.Headers.Allow = _allow;
        return new ApiException(StatusCodes.Status405MethodNotAllowed, $"This address answers to {_allow} only.");
    }
}
