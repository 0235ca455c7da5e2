using Twite.Contracts;
using Twite.Web.Api.Entities;

namespace Twite.Web.Api;

/// <summary>People, and who follows whom.</summary>
internal static class AccountEndpoints
{
    private const int MaxRelationships = 100;

    public static async Task OneselfAsync(ApiCall call)
    {
        var account = call.RequireViewer().Account;
        var entity = await call.Entities.AccountAsync(account, call.Aborted);
        await call.WriteAsync(entity with { Source = new SourceEntity(account.Biography) }, ApiJson.Plain.AccountEntity);
    }

    public static async Task GetAsync(ApiCall call)
    {
        var account = await call.Clients.Accounts.GetAccountAsync(new GetAccountRequest { Id = call.PathId() }, cancellationToken: call.Aborted);
        await WriteAsync(call, account);
    }

    public static async Task LookUpAsync(ApiCall call)
    {
        if (LocalName(call) is not { } name)
        {
            throw ApiException.NotFound();
        }
        await WriteAsync(call, await call.Clients.Accounts.LookUpAccountAsync(new LookUpAccountRequest { Name = name }, cancellationToken: call.Aborted));
    }

    public static Task FollowersAsync(ApiCall call) => ListAsync(
        call, async request => await call.Clients.Follows.ListFollowersAsync(request, cancellationToken: call.Aborted));

    public static Task FollowingAsync(ApiCall call) => ListAsync(
        call, async request => await call.Clients.Follows.ListFollowingAsync(request, cancellationToken: call.Aborted));

    public static async Task FollowAsync(ApiCall call)
    {
        var viewer = call.RequireViewer();
        var id = call.PathId();
        await call.Clients.Follows.FollowAsync(new FollowRequest { AccountId = id }, viewer.Headers(), cancellationToken: call.Aborted);
        await call.WriteAsync((await RelationshipsAsync(call, viewer.Account.Id, [id])).Single(), ApiJson.Plain.RelationshipEntity);
    }

    public static async Task UnfollowAsync(ApiCall call)
    {
        var viewer = call.RequireViewer();
        var id = call.PathId();
        await call.Clients.Follows.UnfollowAsync(new FollowRequest { AccountId = id }, viewer.Headers(), cancellationToken: call.Aborted);
        await call.WriteAsync((await RelationshipsAsync(call, viewer.Account.Id, [id])).Single(), ApiJson.Plain.RelationshipEntity);
    }

    public static async Task RelationshipsAsync(ApiCall call)
    {
        var viewer = call.RequireViewer();
        var query = call.Http.Request.Query;
        var ids = new List<long>();
        foreach (var text in query["id[]"].Concat(query["id"]))
        {
            ids.Add(ApiCall.TryParseId(text, out var id) ? id : throw ApiException.NotFound());
        }
        if (ids.Count > MaxRelationships)
        {
            throw ApiException.Unprocessable($"Ask for at most {MaxRelationships} relationships at once.");
        }
        await call.WriteAsync(
            ids.Count == 0 ? [] : await RelationshipsAsync(call, viewer.Account.Id, [.. ids.Distinct()]), ApiJson.Plain.IReadOnlyListRelationshipEntity);
    }

    private static async Task<IReadOnlyList<RelationshipEntity>> RelationshipsAsync(ApiCall call, long accountId, IReadOnlyList<long> others)
    {
        var reply = await call.Clients.Follows.ListRelationshipsAsync(
            new ListRelationshipsRequest { AccountId = accountId, OtherIds = { others } }, cancellationToken: call.Aborted);
        return [.. reply.Relationships.Select(r => new RelationshipEntity(EntityReader.Text(r.OtherId), r.Following, r.FollowedBy))];
    }

    private static async Task ListAsync(ApiCall call, Func<ListFollowsRequest, Task<ListFollowsReply>> list)
    {
        var id = call.PathId();
        var request = new ListFollowsRequest { AccountId = id, Cursor = call.QueryId("max_id"), Limit = call.Number("limit", 40, 1, 80) };
        var account = call.Clients.Accounts.GetAccountAsync(new GetAccountRequest { Id = id }, cancellationToken: call.Aborted).ResponseAsync;
        var follows = list(request);
        await Task.WhenAll(account, follows);
        var page = await follows;
        var accounts = await call.Entities.AccountsAsync(page.AccountIds, call.Aborted);
        call.LinkNext(page.NextCursor);
        await call.WriteAsync(accounts, ApiJson.Plain.IReadOnlyListAccountEntity);
    }

    private static async Task WriteAsync(ApiCall call, Account account) =>
        await call.WriteAsync(await call.Entities.AccountAsync(account, call.Aborted), ApiJson.Plain.AccountEntity);

    // "name", "@name" and "name@this.host" are the same person; whoever is elsewhere is not here.
    private static string? LocalName(ApiCall call)
    {
        var parts = (call.Query("acct") ?? "").TrimStart('@').Split('@');
        return parts[0].Length is > 0 and <= 30
            && (parts.Length == 1 || (parts.Length == 2 && parts[1].Equals(call.Links.Domain, StringComparison.OrdinalIgnoreCase)))
            ? parts[0]
            : null;
    }
}
