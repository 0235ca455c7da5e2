using Grpc.Core;
using Microsoft.AspNetCore.Mvc;
using Twite.Contracts;
using Twite.Web.Sessions;
using Twite.Web.Timelines;

namespace Twite.Web.Pages;

/// <summary>One message on a page of its own; its author can delete it here.</summary>
internal sealed class MessageModel(RequestViewer viewers, TwiteClients clients, TimelineReader timelines) : SitePage(viewers)
{
    public MessageView? View { get; private set; }

    public async Task<IActionResult> OnGetAsync(string name, long id)
    {
        var getting = clients.Messages.GetAsync(new GetRequest { Id = id }, cancellationToken: Aborted).ResponseAsync;
        var viewer = await FindViewerAsync();
        var message = await getting;
        if (!string.Equals(message.AuthorName, name, StringComparison.Ordinal))
        {
            return RedirectPermanent(FormattableString.Invariant($"/@{message.AuthorName}/{id}"));
        }
        View = (await timelines.ShowAsync([message], viewer, Aborted))[0];
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(string name, long id)
    {
        var viewer = await RequireViewerAsync();
        try
        {
            await clients.Messages.DeleteAsync(new DeleteRequest { Id = id }, viewer.Headers(), cancellationToken: Aborted);
        }
        catch (RpcException e) when (e.StatusCode == Grpc.Core.StatusCode.NotFound)
        {
            // Deleted already, from another tab perhaps: what was wanted holds.
        }
        return Redirect("/@" + viewer.Account.Name);
    }
}
