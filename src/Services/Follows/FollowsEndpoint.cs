using Anywire;
using Anywire.Identity;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Twite.Contracts;
using Twite.Storage;

namespace Twite.Follows;

/// <summary>Answers the calls of FollowsService that people's doings lead to. What operators and other services do is in the other part.
/// Any thread may use it.</summary>
internal sealed partial class FollowsEndpoint(
    FollowsStore store,
    AccountsService.AccountsServiceClient accounts,
    UserAssertionVerifier users,
    Database database,
    FollowsOptions options,
    ILogger logger) : FollowsService.FollowsServiceBase
{
    private const int MaxListed = 500;
    private const int DefaultPage = 40;
    private const int MaxPage = 80;

    /// <inheritdoc/>
    public override async Task<Empty> Follow(FollowRequest request, ServerCallContext context)
    {
        var user = await users.RequireAsync(context);
        if (request.AccountId == user.Id)
        {
            throw RpcErrors.InvalidArgument("account_id", "ONESELF", "You cannot follow yourself.");
        }
        await RequireAccountAsync(request.AccountId, context);
        await store.FollowAsync(user.Id, request.AccountId, options.MaxFollowing, context.CancellationToken);
        return new Empty();
    }

    /// <inheritdoc/>
    public override async Task<Empty> Unfollow(FollowRequest request, ServerCallContext context)
    {
        var user = await users.RequireAsync(context);
        await store.UnfollowAsync(user.Id, request.AccountId, context.CancellationToken);
        return new Empty();
    }

    /// <inheritdoc/>
    public override Task<ListFollowingIdsReply> ListFollowingIds(ListFollowingIdsRequest request, ServerCallContext context) =>
        Task.FromResult(new ListFollowingIdsReply { AccountIds = { store.ListFollowingIds(request.AccountId) } });

    /// <inheritdoc/>
    public override Task<ListFollowsReply> ListFollowing(ListFollowsRequest request, ServerCallContext context) =>
        Task.FromResult(Page(request, store.ListFollowing));

    /// <inheritdoc/>
    public override Task<ListFollowsReply> ListFollowers(ListFollowsRequest request, ServerCallContext context) =>
        Task.FromResult(Page(request, store.ListFollowers));

    /// <inheritdoc/>
    public override Task<CountFollowsReply> CountFollows(CountFollowsRequest request, ServerCallContext context)
    {
        RequireAtMost(request.AccountIds.Count, "account_ids");
        return Task.FromResult(new CountFollowsReply { Counts = { store.Count(request.AccountIds) } });
    }

    /// <inheritdoc/>
    public override Task<ListRelationshipsReply> ListRelationships(ListRelationshipsRequest request, ServerCallContext context)
    {
        RequireAtMost(request.OtherIds.Count, "other_ids");
        return Task.FromResult(new ListRelationshipsReply { Relationships = { store.Relate(request.AccountId, request.OtherIds) } });
    }

    private async Task RequireAccountAsync(long id, ServerCallContext context)
    {
        Account account;
        try
        {
            account = await accounts.GetAccountAsync(
                new GetAccountRequest { Id = id },
                deadline: context.Deadline == DateTime.MaxValue ? null : context.Deadline,
                cancellationToken: context.CancellationToken);
        }
        catch (RpcException error) when (error.StatusCode == StatusCode.NotFound)
        {
            throw FollowsStore.UnknownAccount();
        }
        if (account.Suspended)
        {
            throw RpcErrors.Failure(StatusCode.FailedPrecondition, "SUSPENDED", $"The account {account.Name} is suspended and cannot be followed now.");
        }
    }

    private static ListFollowsReply Page(ListFollowsRequest request, Func<long, long, int, IReadOnlyList<Edge>> read)
    {
        if (request.Limit < 0)
        {
            throw RpcErrors.InvalidArgument("limit", "NEGATIVE", $"The limit is the number of accounts wanted: 1 to {MaxPage}, or 0 for {DefaultPage}.");
        }
        var limit = request.Limit == 0 ? DefaultPage : Math.Min(request.Limit, MaxPage);
        // One more than wanted tells whether there is a next page.
        var edges = read(request.AccountId, request.Cursor <= 0 ? long.MaxValue : request.Cursor, limit + 1);
        return new ListFollowsReply
        {
            AccountIds = { edges.Take(limit).Select(edge => edge.AccountId) },
            NextCursor = edges.Count > limit ? edges[limit - 1].Id : 0,
        };
    }

    private static void RequireAtMost(int count, string field)
    {
        if (count > MaxListed)
        {
            throw RpcErrors.InvalidArgument(field, "TOO_MANY", $"At most {MaxListed} accounts can be asked for at once. Ask for fewer.");
        }
    }
}
