using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Twite.Web.Errors;

/// <summary>Turns failures and empty error answers of pages into the error page. Programs (<c>/api</c>) and live streams are left out: they
/// have shapes of their own.</summary>
internal static class ErrorPages
{
    /// <summary>Where the error page is; asked for directly, it is not found.</summary>
    public const string Path = "/error";

    public static void UseErrorPages(this IApplicationBuilder app) => app.UseWhen(IsPage, pages =>
    {
        pages.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandlingPath = Path,
            AllowStatusCode404Response = true,
            StatusCodeSelector = error => Problem.Of(error).Status,
            // The error page logs, and knows what is worth it.
            SuppressDiagnosticsCallback = _ => true,
        });
        pages.UseStatusCodePagesWithReExecute(Path);
    });

    private static bool IsPage(HttpContext context) =>
        !context.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase) && !context.Request.Path.StartsWithSegments("/live", StringComparison.OrdinalIgnoreCase);
}
