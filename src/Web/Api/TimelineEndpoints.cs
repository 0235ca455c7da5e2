using Microsoft.AspNetCore.Routing;
using Twite.Contracts;
using Twite.Web.Api.Entities;

namespace Twite.Web.Api;

/// <summary>Lists of messages.</summary>
internal static class TimelineEndpoints
{
    public static async Task HomeAsync(ApiCall call)
    {
        var viewer = call.RequireViewer();
        var page = call.ReadPage();
        var following = await call.Clients.Follows.ListFollowingIdsAsync(
            new ListFollowingIdsRequest { AccountId = viewer.Account.Id }, cancellationToken: call.Aborted);
        var request = new ListByAuthorsRequest { Page = page, AuthorIds = { following.AccountIds, viewer.Account.Id } };
        await WriteAsync(call, await call.Clients.Messages.ListByAuthorsAsync(request, cancellationToken: call.Aborted));
    }

    public static async Task PublicAsync(ApiCall call)
    {
        var page = call.ReadPage();
        // All there is comes from here and is text.
        await WriteAsync(call, call.Flag("remote") || call.Flag("only_media")
            ? new MessagesReply()
            : await call.Clients.Messages.ListPublicAsync(new ListPublicRequest { Page = page }, cancellationToken: call.Aborted));
    }

    public static async Task TagAsync(ApiCall call)
    {
        var page = call.ReadPage();
        var tag = (call.Http.GetRouteValue("tag") as string ?? "").TrimStart('#');
        await WriteAsync(call, await call.Clients.Messages.SearchAsync(
            new SearchRequest { Query = "#" + tag, Page = page }, cancellationToken: call.Aborted));
    }

    public static async Task OfAccountAsync(ApiCall call)
    {
        var id = call.PathId();
        var page = call.ReadPage();
        var account = call.Clients.Accounts.GetAccountAsync(new GetAccountRequest { Id = id }, cancellationToken: call.Aborted);
        // Nothing is pinned and everything is text.
        var messages = call.Flag("pinned") || call.Flag("only_media")
            ? Task.FromResult(new MessagesReply())
            : call.Clients.Messages.ListByAuthorsAsync(
                new ListByAuthorsRequest { AuthorIds = { id }, Page = page }, cancellationToken: call.Aborted).ResponseAsync;
        await Task.WhenAll(account.ResponseAsync, messages);
        await WriteAsync(call, await messages);
    }

    private static async Task WriteAsync(ApiCall call, MessagesReply reply)
    {
        var statuses = await call.Entities.StatusesAsync(reply.Messages, call.Aborted);
        call.LinkAround([.. reply.Messages.Select(m => m.Id)]);
        await call.WriteAsync(statuses, ApiJson.Plain.IReadOnlyListStatusEntity);
    }
}
