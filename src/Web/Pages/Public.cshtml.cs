using Microsoft.AspNetCore.Mvc;
using Twite.Contracts;
using Twite.Web.Live;
using Twite.Web.Sessions;
using Twite.Web.Timelines;

namespace Twite.Web.Pages;

/// <summary>What everybody says, for everybody to see.</summary>
internal sealed class PublicModel(RequestViewer viewers, TwiteClients clients, TimelineReader timelines, UnreadCounts unread, LiveFeed feed) : SitePage(viewers)
{
    public TimelineView? Timeline { get; private set; }

    public async Task OnGetAsync([FromQuery(Name = "max_id")] long? maxId)
    {
        var listing = clients.Messages.ListPublicAsync(
            new ListPublicRequest { Page = TimelineReader.Window(maxId) }, cancellationToken: Aborted).ResponseAsync;
        var viewer = await FindViewerAsync();
        var counting = viewer is null ? Task.FromResult(true) : unread.AskAsync(viewer, Aborted);
        if (await TryAsync(listing) is { } reply)
        {
            Timeline = await timelines.ShowAsync(
                reply, new TimelinePlace("/public", maxId, "Nobody has said anything yet.", "/live/public"), viewer, Aborted);
        }
        if (!await counting || feed.IsLate)
        {
            SayLate();
        }
    }
}
