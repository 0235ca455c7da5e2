using Grpc.Core;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Twite.Web.Errors;
using Twite.Web.Sessions;

namespace Twite.Web.Pages;

/// <summary>What all pages have: who looks, and what is said about services that do not answer. A page shows what it can get and names what
/// it cannot, rather than fail as a whole.</summary>
internal abstract class SitePage(RequestViewer viewers) : PageModel
{
    /// <summary>Who looks; null for a stranger, or before <see cref="FindViewerAsync"/>.</summary>
    public Viewer? Viewer { get; private set; }

    /// <summary>What could not be got, in sentences for people.</summary>
    public IList<string> Missing { get; } = [];

    /// <summary>Somebody is logged in, and nobody can tell who while Accounts does not answer.</summary>
    public bool IsUnknown => viewers.IsUnknown;

    /// <summary>The request's end.</summary>
    protected CancellationToken Aborted => HttpContext.RequestAborted;

    /// <inheritdoc/>
    public override async Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
    {
        if ((await next()).Result is PageResult)
        {
            // The layout asks too, but after the page's forms are made: they must know whether the session they are bound to has ended.
            await viewers.GetOrStrangerAsync();
        }
    }

    /// <summary>Finds out who looks; a stranger also while Accounts does not answer (the layout says so).</summary>
    protected async Task<Viewer?> FindViewerAsync() => Viewer = await viewers.GetOrStrangerAsync();

    /// <summary>Finds out who looks, on a page that needs it.</summary>
    /// <exception cref="RpcException">UNAUTHENTICATED for a stranger, who is sent to log in; UNAVAILABLE while nobody can tell.</exception>
    protected async Task<Viewer> RequireViewerAsync() =>
        Viewer = await viewers.GetAsync() ?? throw new RpcException(new Status(Grpc.Core.StatusCode.Unauthenticated, "Log in first."));

    /// <summary>Awaits a call that the page can be shown without: null, and a sentence in <see cref="Missing"/>, when the service does not
    /// answer. Other failures are thrown.</summary>
    protected async Task<T?> TryAsync<T>(Task<T> call)
        where T : class
    {
        try
        {
            return await call;
        }
        catch (RpcException e) when (Problem.Of(e) is { Status: 503 } problem)
        {
            Response.StatusCode = problem.Status;
            if (!Missing.Contains(problem.Explanation))
            {
                Missing.Add(problem.Explanation);
            }
            return null;
        }
    }

    /// <summary>Says that a timeline does not move as it should; all of it is there.</summary>
    protected void SayLate() => Missing.Add(
        $"Notifications do not answer: what is new appears some seconds later{(Viewer is null ? "" : ", and the number beside the bell may be old")}.");

    /// <summary>Shows a form again, with what was typed and what is wrong with it.</summary>
    /// <param name="error">Why it was refused. What is not about the form (someone logged out, a bug) is thrown on.</param>
    /// <param name="fieldOf">The form's field for a field of the request; null for none.</param>
    protected IActionResult Again(RpcException error, Func<string, string?> fieldOf)
    {
        var problem = Problem.Of(error);
        if (problem.Status is 401 or 403 or 404 or 500)
        {
            throw error;
        }
        var violation = Anywire.RpcErrors.Violation(error);
        ModelState.AddModelError((violation is null ? null : fieldOf(violation.Field)) ?? "", problem.Status == 400
            ? error.Status.Detail
            : $"{problem.Explanation} {problem.Advice}".TrimEnd());
        Response.StatusCode = problem.Status == 400 ? 422 : problem.Status;
        if (problem.RetryAfter is { } wait)
        {
            Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture);
        }
        return Page();
    }
}
