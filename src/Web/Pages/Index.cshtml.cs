using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Twite.Contracts;
using Twite.Web.Live;
using Twite.Web.Posting;
using Twite.Web.Sessions;
using Twite.Web.Timelines;

namespace Twite.Web.Pages;

/// <summary>The home timeline: what those one follows say, and oneself. For strangers what this place is, and what everybody says.</summary>
internal sealed class IndexModel(RequestViewer viewers, TwiteClients clients, TimelineReader timelines, UnreadCounts unread, LiveFeed feed, PendingPosts pending)
    : SitePage(viewers)
{
    public TimelineView? Timeline { get; private set; }

    public ComposeForm Compose { get; } = ComposeForm.New();

    /// <summary>What the viewer said and what waits to be posted.</summary>
    public PendingView? Pending { get; private set; }

    /// <summary>What is shown is what everybody says: to strangers, and while the home timeline cannot be had.</summary>
    public bool IsEverybody { get; private set; }

    public async Task OnGetAsync([FromQuery(Name = "max_id")] long? maxId)
    {
        var viewer = await FindViewerAsync();
        if (IsUnknown)
        {
            // What is shown is not what was asked for.
            Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        }
        var counting = viewer is null ? Task.FromResult(true) : unread.AskAsync(viewer, Aborted);
        var asking = viewer is null || maxId is not null ? Task.FromResult<PendingView?>(null) : pending.AskAsync(viewer, Aborted);
        var following = viewer is null ? null : await TryAsync(clients.Follows.ListFollowingIdsAsync(
            new ListFollowingIdsRequest { AccountId = viewer.Account.Id }, cancellationToken: Aborted).ResponseAsync);
        if (following is null)
        {
            IsEverybody = true;
            var everybody = await TryAsync(clients.Messages.ListPublicAsync(
                new ListPublicRequest { Page = TimelineReader.Window(maxId) }, cancellationToken: Aborted).ResponseAsync);
            Timeline = await ShowAsync(everybody, new TimelinePlace("/", maxId, "Nobody has said anything yet.", "/live/public"));
        }
        else
        {
            var request = new ListByAuthorsRequest { Page = TimelineReader.Window(maxId), AuthorIds = { following.AccountIds, viewer!.Account.Id } };
            var messages = await TryAsync(clients.Messages.ListByAuthorsAsync(request, cancellationToken: Aborted).ResponseAsync);
            Timeline = await ShowAsync(messages, new TimelinePlace("/", maxId, EmptyHome(following), "/live/home"));
        }
        Pending = viewer is null ? null : pending.Take(viewer, await asking);
        if (!await counting || feed.IsLate)
        {
            SayLate();
        }
    }

    private async Task<TimelineView?> ShowAsync(MessagesReply? reply, TimelinePlace place) =>
        reply is null ? null : await timelines.ShowAsync(reply, place, Viewer, Aborted);

    private static string EmptyHome(ListFollowingIdsReply following) => following.AccountIds.Count == 0
        ? "You follow nobody yet. Have a look at the public timeline and follow who you like, or say something yourself."
        : "Nobody you follow has said anything yet.";
}
