using Grpc.Core;
using Microsoft.AspNetCore.Mvc;
using Twite.Contracts;
using Twite.Web.Errors;
using Twite.Web.Sessions;
using Twite.Web.Timelines;

namespace Twite.Web.Pages;

/// <summary>Finds messages and people by whatever is typed.</summary>
internal sealed class SearchModel(RequestViewer viewers, TwiteClients clients, TimelineReader timelines) : SitePage(viewers)
{
    private const int PeopleShown = 5;

    public string Query { get; private set; } = "";

    public string? Error { get; private set; }

    public IReadOnlyList<PersonView> People { get; private set; } = [];

    public TimelineView? Timeline { get; private set; }

    public async Task OnGetAsync(string? q, [FromQuery(Name = "max_id")] long? maxId)
    {
        Query = (q ?? "").Trim();
        if (Query.Length == 0)
        {
            await FindViewerAsync();
            return;
        }

        var searching = clients.Messages.SearchAsync(
            new SearchRequest { Query = Query, Page = TimelineReader.Window(maxId) }, cancellationToken: Aborted).ResponseAsync;
        // Tags and operators are not names, and people stand on the first page only.
        var finding = maxId is not null || Query.AsSpan().IndexOfAny("#\":") >= 0 ? null : clients.Accounts.SearchAccountsAsync(
            new SearchAccountsRequest { Query = Query.TrimStart('@'), Limit = PeopleShown }, cancellationToken: Aborted).ResponseAsync;
        var viewer = await FindViewerAsync();
        try
        {
            var found = finding is null ? null : await TryAsync(finding);
            var relationships = found is null ? null
                : await TryAsync(Relationships.ReadAsync(clients, viewer, [.. found.Accounts.Select(a => a.Id)], Aborted));
            People = [.. (found?.Accounts ?? []).Select(a => PersonView.Of(a, viewer, relationships))];
            if (await TryAsync(searching) is { } messages)
            {
                var place = new TimelinePlace("/search?q=" + Uri.EscapeDataString(Query), maxId, "No message has all of that in it.");
                Timeline = await timelines.ShowAsync(messages, place, viewer, Aborted);
            }
        }
        catch (RpcException e) when (Problem.Of(e).Status == 400)
        {
            Error = e.Status.Detail;
            Response.StatusCode = 422;
        }
    }
}
