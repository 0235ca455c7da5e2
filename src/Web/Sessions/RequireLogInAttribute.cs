using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.Extensions.DependencyInjection;

namespace Twite.Web.Sessions;

/// <summary>A page that only somebody logged in sees; others are sent to log in, and come back from there.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class RequireLogInAttribute : Attribute, IAsyncPageFilter
{
    /// <inheritdoc/>
    public Task OnPageHandlerSelectionAsync(PageHandlerSelectedContext context) => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
    {
        var http = context.HttpContext;
        if (await http.RequestServices.GetRequiredService<RequestViewer>().GetAsync() is not null)
        {
            await next();
            return;
        }
        var back = HttpMethods.IsGet(http.Request.Method) ? http.Request.Path + http.Request.QueryString : "";
        context.Result = new RedirectResult(ReturnUrl.LogIn(back));
    }
}
