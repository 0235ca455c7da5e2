using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Twite.Contracts;
using Twite.Web.Posting;
using Twite.Web.Sessions;
using Twite.Web.Timelines;

namespace Twite.Web.Pages;

/// <summary>One person: who they are, what they say, and the button to follow them.</summary>
internal sealed class ProfileModel(RequestViewer viewers, TwiteClients clients, TimelineReader timelines, PendingPosts pending) : SitePage(viewers)
{
    /// <summary>Null while Accounts does not answer.</summary>
    public PersonView? Person { get; private set; }

    public string Name { get; private set; } = "";

    public FollowCounts? Counts { get; private set; }

    public TimelineView? Timeline { get; private set; }

    /// <summary>What the viewer said and what waits to be posted, on their own page.</summary>
    public PendingView? Pending { get; private set; }

    public async Task<IActionResult> OnGetAsync(string name, [FromQuery(Name = "max_id")] long? maxId)
    {
        Name = name;
        var looking = clients.Accounts.LookUpAccountAsync(new LookUpAccountRequest { Name = name }, cancellationToken: Aborted).ResponseAsync;
        var viewer = await FindViewerAsync();
        if (await TryAsync(looking) is not { } account)
        {
            await ShowWithoutAccountAsync(name, maxId);
            return Page();
        }
        if (!string.Equals(account.Name, name, StringComparison.Ordinal))
        {
            return RedirectPermanent("/@" + account.Name);
        }

        var listing = clients.Messages.ListByAuthorsAsync(
            new ListByAuthorsRequest { AuthorIds = { account.Id }, Page = TimelineReader.Window(maxId) }, cancellationToken: Aborted).ResponseAsync;
        var counting = clients.Follows.CountFollowsAsync(
            new CountFollowsRequest { AccountIds = { account.Id } }, cancellationToken: Aborted).ResponseAsync;
        var relating = Relationships.ReadAsync(clients, viewer, [account.Id], Aborted);

        var asking = viewer?.Account.Id == account.Id && maxId is null ? pending.AskAsync(viewer, Aborted) : Task.FromResult<PendingView?>(null);

        var messages = await TryAsync(listing);
        Pending = viewer is null ? null : pending.Take(viewer, await asking);
        Counts = (await TryAsync(counting))?.Counts.FirstOrDefault();
        var relationships = await TryAsync(relating);
        Person = PersonView.Of(account, viewer, relationships);
        if (messages is not null)
        {
            var place = new TimelinePlace("/@" + account.Name, maxId, $"{Person.DisplayName} has said nothing yet.");
            Timeline = await timelines.ShowAsync(messages, place, viewer, Aborted);
        }
        return Page();
    }

    // Names travel with messages, so what somebody says can be found without knowing who they are.
    private async Task ShowWithoutAccountAsync(string name, long? maxId)
    {
        var request = new SearchRequest { Query = "from:" + name, Page = TimelineReader.Window(maxId) };
        if (await TryAsync(clients.Messages.SearchAsync(request, cancellationToken: Aborted).ResponseAsync) is { } found
            // What is no name is searched for as words.
            && found.Messages.All(m => string.Equals(m.AuthorName, name, StringComparison.OrdinalIgnoreCase)))
        {
            var place = new TimelinePlace("/@" + name, maxId, "No message of anybody of that name is there.");
            Timeline = await timelines.ShowAsync(found, place, Viewer, Aborted);
        }
    }

    public static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
