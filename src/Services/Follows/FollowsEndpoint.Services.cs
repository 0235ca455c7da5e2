using Anywire;
using Anywire.Identity;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Twite.Contracts;

namespace Twite.Follows;

internal sealed partial class FollowsEndpoint
{
    private const int MaxImported = 5_000;

    /// <inheritdoc/>
    public override async Task<ImportFollowsReply> ImportFollows(ImportFollowsRequest request, ServerCallContext context)
    {
        if (request.Follows.Count > MaxImported)
        {
            throw RpcErrors.InvalidArgument("follows", "TOO_MANY", $"At most {MaxImported} follows can be imported at once. Import them in parts.");
        }
        for (var i = 0; i < request.Follows.Count; i++)
        {
            var follow = request.Follows[i];
            if (follow.FollowerId <= 0 || follow.FolloweeId <= 0)
            {
                throw RpcErrors.InvalidArgument($"follows[{i}]", "UNKNOWN_ACCOUNT", $"Follow {i} names no account: ids are above 0.");
            }
            if (follow.FollowerId == follow.FolloweeId)
            {
                throw RpcErrors.InvalidArgument($"follows[{i}]", "ONESELF", $"Follow {i} makes account {follow.FollowerId} follow itself.");
            }
        }
        var created = await store.ImportAsync(request.Follows, options.MaxFollowing, context.CancellationToken);
        logger.Imported(created);
        return new ImportFollowsReply { Created = created };
    }

    /// <inheritdoc/>
    public override async Task<Empty> OnAccountClosed(AccountClosed request, ServerCallContext context)
    {
        if (request.Header?.OccurredAt is null || request.Header.Id.Length == 0)
        {
            throw RpcErrors.InvalidArgument("header", "MISSING", "An event says its id and when it happened.");
        }
        request.Header.RequireSender(context);
        if (request.State is not (AccountState.Active or AccountState.Suspended or AccountState.Deleted))
        {
            throw RpcErrors.InvalidArgument("state", "UNKNOWN", "This service does not know what became of the account. Is it older than Accounts?");
        }
        // Handling it again changes nothing, so it needs no memory of the event's id.
        await store.SetStateAsync(request.AccountId, request.State, request.Header.OccurredAt.ToDateTimeOffset(), context.CancellationToken);
        if (request.State == AccountState.Deleted)
        {
            while (await store.RemoveEdgesAsync(request.AccountId, context.CancellationToken))
            {
                // The others' writes come between.
            }
        }
        logger.AccountClosed(request.AccountId, request.State);
        if (request.Header.Confirm)
        {
            await accounts.HandledAsync(new HandledRequest { EventIds = { request.Header.Id } }, cancellationToken: context.CancellationToken);
        }
        return new Empty();
    }

    /// <inheritdoc/>
    public override async Task<Empty> Handled(HandledRequest request, ServerCallContext context)
    {
        RequireAtMost(request.EventIds.Count, "event_ids");
        RequireAtMost(request.Refused.Count, "refused");
        var receiver = PeerIdentity.NameOf(context) ?? "";
        await database.Outbox.ConfirmAsync(receiver, request.EventIds, context.CancellationToken);
        await database.Outbox.ParkAsync(receiver, [.. request.Refused.Select(r => (r.EventId, r.Reason))], context.CancellationToken);
        return new Empty();
    }
}
