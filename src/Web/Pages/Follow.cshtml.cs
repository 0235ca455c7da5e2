using Microsoft.AspNetCore.Mvc;
using Twite.Contracts;
using Twite.Web.Sessions;

namespace Twite.Web.Pages;

/// <summary>Where the buttons that follow and unfollow lead; back from there to the page they were on.</summary>
internal sealed class FollowModel(RequestViewer viewers, TwiteClients clients) : SitePage(viewers)
{
    public IActionResult OnGet() => NotFound();

    public async Task<IActionResult> OnPostAsync(string deed, [FromForm] long id, [FromForm] string? returnUrl)
    {
        var viewer = await RequireViewerAsync();
        var request = new FollowRequest { AccountId = id };
        if (deed == "follow")
        {
            await clients.Follows.FollowAsync(request, viewer.Headers(), cancellationToken: Aborted);
        }
        else
        {
            await clients.Follows.UnfollowAsync(request, viewer.Headers(), cancellationToken: Aborted);
        }
        return Redirect(ReturnUrl.OrHome(returnUrl));
    }
}
