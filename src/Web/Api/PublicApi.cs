using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Twite.Web.Api;

/// <summary>The API for people's programs: the subset of the Mastodon client API that a network of short public messages needs
/// (<c>docs/api.md</c>). Programs prove who they are by a bearer token; cookies are never looked at.</summary>
public static class PublicApi
{
    private const string Cors = "public api";

    /// <summary>Registers what the API needs besides <see cref="TwiteClients"/>, <see cref="Sessions.ViewerResolver"/>,
    /// <see cref="Live.LiveStreams"/> and <see cref="TimeProvider"/>. The pipeline must have <c>UseCors()</c> after routing.</summary>
    public static IServiceCollection AddPublicApi(this IServiceCollection services, ApiOptions options) => services
        .AddSingleton(options)
        .AddSingleton(provider => new ApiRateLimits(options, provider.GetRequiredService<TimeProvider>()))
        .AddSingleton(provider => new StatusStreams(provider.GetRequiredService<TwiteClients>()))
        .AddCors(cors => cors.AddPolicy(Cors, AllowAnyOrigin));

    /// <summary>Maps everything under <c>/api</c>; what is not there answers 404 in the API's own shape.</summary>
    public static void MapPublicApi(this IEndpointRouteBuilder app)
    {
        Map(app, "v1/statuses", post: StatusEndpoints.PostAsync);
        Map(app, "v1/statuses/{id}", get: StatusEndpoints.GetAsync, delete: StatusEndpoints.DeleteAsync);
        Map(app, "v1/statuses/{id}/context", get: StatusEndpoints.ContextAsync);

        Map(app, "v1/timelines/home", get: TimelineEndpoints.HomeAsync);
        Map(app, "v1/timelines/public", get: TimelineEndpoints.PublicAsync);
        Map(app, "v1/timelines/tag/{tag}", get: TimelineEndpoints.TagAsync);

        Map(app, "v1/accounts/verify_credentials", get: AccountEndpoints.OneselfAsync);
        Map(app, "v1/accounts/lookup", get: AccountEndpoints.LookUpAsync);
        Map(app, "v1/accounts/search", get: SearchEndpoints.SearchAccountsAsync);
        Map(app, "v1/accounts/relationships", get: AccountEndpoints.RelationshipsAsync);
        Map(app, "v1/accounts/{id}", get: AccountEndpoints.GetAsync);
        Map(app, "v1/accounts/{id}/statuses", get: TimelineEndpoints.OfAccountAsync);
        Map(app, "v1/accounts/{id}/followers", get: AccountEndpoints.FollowersAsync);
        Map(app, "v1/accounts/{id}/following", get: AccountEndpoints.FollowingAsync);
        Map(app, "v1/accounts/{id}/follow", post: AccountEndpoints.FollowAsync);
        Map(app, "v1/accounts/{id}/unfollow", post: AccountEndpoints.UnfollowAsync);

        Map(app, "v2/search", get: SearchEndpoints.SearchAsync);
        Map(app, "v1/notifications", get: NotificationEndpoints.ListAsync);
        Map(app, "v1/instance", get: InstanceEndpoints.V1Async);
        Map(app, "v2/instance", get: InstanceEndpoints.V2Async);

        Map(app, "v1/streaming/user", get: StreamingEndpoints.UserAsync);
        Map(app, "v1/streaming/public", get: StreamingEndpoints.PublicAsync);
        Map(app, "v1/streaming/public/local", get: StreamingEndpoints.PublicAsync);
        Map(app, "v1/streaming/health", get: StreamingEndpoints.HealthAsync);

        Map(app, "{**path}");
    }

    private static void Map(IEndpointRouteBuilder app, string path, ApiHandler? get = null, ApiHandler? post = null, ApiHandler? delete = null)
    {
        var handlers = new[] { (HttpMethods.Get, get), (HttpMethods.Post, post), (HttpMethods.Delete, delete) }
            .Where(h => h.Item2 is not null)
            .ToDictionary(h => h.Item1, h => h.Item2!, StringComparer.OrdinalIgnoreCase);
        // One endpoint for all methods, so that a wrong one is told apart from a wrong path, and answered in the API's shape.
        app.Map("/api/" + path, new ApiEndpoint(handlers).InvokeAsync).RequireCors(Cors);
    }

    // Cookies are not looked at, so that any site's script may do here only what it has a token for.
    private static void AllowAnyOrigin(CorsPolicyBuilder policy) => policy
        .AllowAnyOrigin()
        .WithMethods(HttpMethods.Get, HttpMethods.Post, HttpMethods.Delete)
        .WithHeaders("Authorization", "Content-Type", "Idempotency-Key", "Last-Event-ID")
        .WithExposedHeaders("Link", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Retry-After")
        .SetPreflightMaxAge(TimeSpan.FromDays(1));
}
