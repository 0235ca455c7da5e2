using Twite.Contracts;
using Twite.Web.Sessions;
using Twite.Web.Timelines;

namespace Twite.Web.Pages;

/// <summary>Whom a person follows, or who follows them.</summary>
internal sealed class FollowListModel(RequestViewer viewers, TwiteClients clients, RecentAccounts known) : SitePage(viewers)
{
    private const int PageLength = 40;

    public Account? Account { get; private set; }

    public bool IsFollowers { get; private set; }

    public IReadOnlyList<PersonView> People { get; private set; } = [];

    public string? OlderUrl { get; private set; }

    public async Task OnGetAsync(string name, string list, long cursor)
    {
        IsFollowers = list == "followers";
        var looking = clients.Accounts.LookUpAccountAsync(new LookUpAccountRequest { Name = name }, cancellationToken: Aborted).ResponseAsync;
        var viewer = await FindViewerAsync();
        Account = await looking;

        var request = new ListFollowsRequest { AccountId = Account.Id, Cursor = Math.Max(cursor, 0), Limit = PageLength };
        var page = await TryAsync((IsFollowers
            ? clients.Follows.ListFollowersAsync(request, cancellationToken: Aborted)
            : clients.Follows.ListFollowingAsync(request, cancellationToken: Aborted)).ResponseAsync);
        if (page is null)
        {
            return;
        }

        var relating = Relationships.ReadAsync(clients, viewer, page.AccountIds, Aborted);
        var found = await TryAsync(known.GetAsync(page.AccountIds, Aborted)) ?? new Dictionary<long, Account>();
        var relationships = await TryAsync(relating);
        People = [.. page.AccountIds.Where(found.ContainsKey).Select(id => PersonView.Of(found[id], viewer, relationships))];
        OlderUrl = page.NextCursor == 0 ? null : FormattableString.Invariant($"/@{Account.Name}/{list}?cursor={page.NextCursor}");
    }
}
