using Grpc.Core;
using Microsoft.AspNetCore.Mvc;
using Twite.Contracts;
using Twite.Web.Sessions;
using Twite.Web.Timelines;

namespace Twite.Web.Pages.Settings;

/// <summary>What others see of one: display name and biography.</summary>
internal sealed class IndexModel(RequestViewer viewers, TwiteClients clients, RecentAccounts people) : SitePage(viewers)
{
    [BindProperty]
    public string? DisplayName { get; set; }

    [BindProperty]
    public string? Biography { get; set; }

    public async Task OnGetAsync()
    {
        var viewer = await RequireViewerAsync();
        (DisplayName, Biography) = (viewer.Account.DisplayName, viewer.Account.Biography);
    }

    public async Task<IActionResult> OnPostAsync()
    {
        try
        {
            var viewer = await RequireViewerAsync();
            var request = new UpdateProfileRequest { DisplayName = DisplayName ?? "", Biography = (Biography ?? "").ReplaceLineEndings("\n") };
            await clients.Accounts.UpdateProfileAsync(request, viewer.Headers(), cancellationToken: Aborted);
            people.Forget(viewer.Account.Id);
            return Redirect("/settings?done=profile");
        }
        catch (RpcException e)
        {
            return Again(e, field => field switch { "display_name" => nameof(DisplayName), "biography" => nameof(Biography), _ => null });
        }
    }
}
