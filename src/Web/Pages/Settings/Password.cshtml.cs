using Anywire;
using Grpc.Core;
using Microsoft.AspNetCore.Mvc;
using Twite.Contracts;
using Twite.Web.Sessions;

namespace Twite.Web.Pages.Settings;

/// <summary>Changing the password; all other sessions end with the old one.</summary>
internal sealed class PasswordModel(RequestViewer viewers, TwiteClients clients) : SitePage(viewers)
{
    public async Task OnGetAsync() => await RequireViewerAsync();

    public async Task<IActionResult> OnPostAsync([FromForm] string? current, [FromForm] string? replacement)
    {
        try
        {
            var viewer = await RequireViewerAsync();
            var request = new ChangePasswordRequest
            {
                CurrentPassword = current ?? "",
                NewPassword = replacement ?? "",
                KeepSessionId = viewer.SessionId,
            };
            await clients.Accounts.ChangePasswordAsync(request, viewer.Headers(), cancellationToken: Aborted);
            return Redirect("/settings/password?done=password");
        }
        catch (RpcException e) when (e.Reason() == "WRONG_PASSWORD")
        {
            ModelState.AddModelError(nameof(current), e.Status.Detail);
            Response.StatusCode = 422;
            return Page();
        }
        catch (RpcException e)
        {
            return Again(e, field => field switch { "current_password" => nameof(current), "new_password" => nameof(replacement), _ => null });
        }
    }
}
