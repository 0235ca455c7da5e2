using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace Twite.Web.Sessions;

/// <summary>Who a request comes from, by its session cookie: asked once per request, when first needed. One per request (scoped).</summary>
public sealed class RequestViewer(IHttpContextAccessor http, SessionCookie cookie, ViewerResolver resolver)
{
    private Task<Viewer?>? _resolving;

    /// <summary>There is a session, and Accounts could not be asked whose it is.</summary>
    public bool IsUnknown => _resolving?.IsFaulted == true;

    /// <summary>The viewer; null for a stranger. Call it early and await it late: other calls need not wait for it.</summary>
    /// <exception cref="RpcException">There is a session, and Accounts cannot be asked about it.</exception>
    public Task<Viewer?> GetAsync() => _resolving ??= ResolveAsync();

    /// <summary>The viewer; null also when Accounts cannot be asked. For what is shown to everybody.</summary>
    public async Task<Viewer?> GetOrStrangerAsync()
    {
        try
        {
            return await GetAsync();
        }
        catch (RpcException)
        {
            return null;
        }
    }

    private async Task<Viewer?> ResolveAsync()
    {
        var context = http.HttpContext ?? throw new InvalidOperationException("There is no request.");
        if (cookie.Read(context.Request) is not { } token)
        {
            return null;
        }
        var viewer = await resolver.ResolveAsync(token, context.RequestAborted);
        // Pages can do more than programs: make further tokens, end sessions. Whoever found a token must not get there.
        if (viewer is { IsProgram: true })
        {
            viewer = null;
        }
        if (viewer is null && !context.Response.HasStarted)
        {
            cookie.Clear(context.Response);
        }
        return viewer;
    }
}
