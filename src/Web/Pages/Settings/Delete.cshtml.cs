using Anywire;
using Grpc.Core;
using Microsoft.AspNetCore.Mvc;
using Twite.Contracts;
using Twite.Web.Sessions;

namespace Twite.Web.Pages.Settings;

/// <summary>Deleting one's account, for good.</summary>
internal sealed class DeleteModel(RequestViewer viewers, TwiteClients clients, SessionCookie cookie) : SitePage(viewers)
{
    public async Task OnGetAsync() => await RequireViewerAsync();

    public async Task<IActionResult> OnPostAsync([FromForm] string? password)
    {
        try
        {
            var viewer = await RequireViewerAsync();
            await clients.Accounts.DeleteAccountAsync(
                new DeleteAccountRequest { Password = password ?? "" }, viewer.Headers(), cancellationToken: Aborted);
            cookie.Clear(Response);
            return Redirect("/");
        }
        catch (RpcException e) when (e.Reason() == "WRONG_PASSWORD")
        {
            ModelState.AddModelError(nameof(password), e.Status.Detail);
            Response.StatusCode = 422;
            return Page();
        }
        catch (RpcException e)
        {
            return Again(e, field => field == "password" ? nameof(password) : null);
        }
    }
}
