using System.Globalization;
using Grpc.Core;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Logging;
using Twite.Web.Errors;
using Twite.Web.Sessions;

namespace Twite.Web.Pages;

/// <summary>Says what did not work. It stands in for the page that failed, for any method of request.</summary>
[IgnoreAntiforgeryToken]
public sealed class ErrorModel(ILogger<ErrorModel> log) : PageModel
{
    internal Problem Problem { get; private set; } = Problem.OfStatus(404);

    /// <summary>After a GET that failed.</summary>
    public IActionResult OnGet() => Show();

    /// <summary>After a POST that failed.</summary>
    public IActionResult OnPost() => Show();

    private IActionResult Show()
    {
        var failed = HttpContext.Features.Get<IExceptionHandlerPathFeature>();
        if (failed is null && HttpContext.Features.Get<IStatusCodeReExecuteFeature>() is null)
        {
            Response.StatusCode = Problem.Status;
            return Page();
        }

        Problem = failed is null ? Problem.OfStatus(Response.StatusCode) : Problem.Of(failed.Error);
        if (failed is not null)
        {
            Log(failed);
            if (failed.Error is RpcException { StatusCode: Grpc.Core.StatusCode.Unauthenticated })
            {
                return Redirect(ReturnUrl.LogIn(HttpMethods.IsGet(Request.Method) ? failed.Path + Request.QueryString : ""));
            }
        }
        Response.StatusCode = Problem.Status;
        if (Problem.RetryAfter is { } wait)
        {
            Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }
        return Page();
    }

    private void Log(IExceptionHandlerPathFeature failed)
    {
        if (Problem.IsOurs)
        {
            WebLog.RequestFailed(log, failed.Error, Request.Method, failed.Path);
        }
        else if (Problem.Status == 503 && failed.Error is RpcException rpc)
        {
            WebLog.ServiceAway(log, Request.Method, failed.Path, ServiceNaming.Of(rpc) ?? "a service", rpc.Status.Detail);
        }
    }
}
