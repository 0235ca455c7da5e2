using Anywire;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Twite.Contracts;
using Twite.Notifications.Mentions;

namespace Twite.Notifications;

internal sealed partial class NotificationsEndpoint
{
    private readonly RecentEvents _announced = new();

    /// <inheritdoc/>
    public override async Task<Empty> OnMessagePosted(MessagePosted request, ServerCallContext context)
    {
        RequireHeader(request.Header, context);
        if (request.Message is not { } message)
        {
            throw RpcErrors.InvalidArgument("message", "MISSING", "The event says that a message was posted, and not which.");
        }
        // First of all: the message is visible already, and whoever looks at a timeline need not wait for what follows.
        Announce(request.Header, new LiveUpdate { Posted = new LivePost { Message = message, PreviousChangeId = request.PreviousChangeId } });

        var mentioned = MentionText.FindNames(message.Text, options.MaxMentions);
        if (mentioned.Count > 0)
        {
            var others = (await ResolveAsync(mentioned, context.CancellationToken)).Where(id => id != message.AuthorId);
            foreach (var added in await store.AddMentionsAsync(request.Header.Id, message, others, context.CancellationToken))
            {
                live.Send(new LiveUpdate { Notified = added });
            }
        }
        return Handled("messages", request.Header);
    }

    /// <inheritdoc/>
    public override async Task<Empty> OnMessageDeleted(MessageDeleted request, ServerCallContext context)
    {
        RequireHeader(request.Header, context);
        Announce(request.Header, new LiveUpdate
        {
            Deleted = new LiveDeletion
            {
                MessageId = request.MessageId,
                AuthorId = request.AuthorId,
                ChangeId = request.ChangeId,
                PreviousChangeId = request.PreviousChangeId,
            },
        });
        await store.RemoveMessageAsync(request.MessageId, context.CancellationToken);
        return Handled("messages", request.Header);
    }

    /// <inheritdoc/>
    public override async Task<Empty> OnFollowed(Followed request, ServerCallContext context)
    {
        RequireHeader(request.Header, context);
        Announce(request.Header, new LiveUpdate { Followed = new LiveFollow { FollowerId = request.FollowerId, FolloweeId = request.FolloweeId } });
        if (await store.AddFollowAsync(request.Header.Id, request.FollowerId, request.FolloweeId, context.CancellationToken) is { } added)
        {
            live.Send(new LiveUpdate { Notified = added });
        }
        return Handled("follows", request.Header);
    }

    /// <inheritdoc/>
    public override Task<Empty> OnUnfollowed(Unfollowed request, ServerCallContext context)
    {
        RequireHeader(request.Header, context);
        Announce(request.Header, new LiveUpdate { Unfollowed = new LiveFollow { FollowerId = request.FollowerId, FolloweeId = request.FolloweeId } });
        return Task.FromResult(Handled("follows", request.Header));
    }

    /// <inheritdoc/>
    public override async Task<Empty> OnAccountClosed(AccountClosed request, ServerCallContext context)
    {
        RequireHeader(request.Header, context);
        if (request.State is not (AccountState.Active or AccountState.Suspended or AccountState.Deleted))
        {
            throw RpcErrors.InvalidArgument("state", "UNKNOWN", "This service does not know what became of the account. Is it older than Accounts?");
        }
        if (request.State != AccountState.Active)
        {
            Announce(request.Header, new LiveUpdate { AccountClosed = new LiveAccount { AccountId = request.AccountId } });
        }
        // Handling it again changes nothing, so it needs no memory of the event's id.
        await store.SetStateAsync(request.AccountId, request.State, request.Header.OccurredAt.ToDateTimeOffset(), context.CancellationToken);
        if (request.State == AccountState.Deleted)
        {
            while (await store.RemoveAccountAsync(request.AccountId, context.CancellationToken))
            {
                // The others' writes come between.
            }
        }
        logger.AccountClosed(request.AccountId, request.State);
        return Handled("accounts", request.Header);
    }

    private async Task<IReadOnlyList<long>> ResolveAsync(IReadOnlyList<string> mentioned, CancellationToken cancellationToken)
    {
        try
        {
            return await names.ResolveAsync(mentioned, cancellationToken);
        }
        catch (RpcException e) when (!cancellationToken.IsCancellationRequested)
        {
            // Not UNAVAILABLE: this service is here, and the sender's other events need not wait for Accounts.
            throw RpcErrors.Failure(StatusCode.Aborted, "ACCOUNTS_AWAY", $"Whom the message mentions cannot be found out now: {e.Status.Detail} Send the event again.");
        }
    }

    private void Announce(EventHeader header, LiveUpdate update)
    {
        if (_announced.TryAdd(header.Id))
        {
            live.Send(update);
        }
    }

    private Empty Handled(string sender, EventHeader header)
    {
        confirmations.Add(sender, header);
        return new Empty();
    }

    private static void RequireHeader(EventHeader? header, ServerCallContext context)
    {
        if (header?.OccurredAt is null || header.Id.Length is 0 or > 64)
        {
            throw RpcErrors.InvalidArgument("header", "MISSING", "An event says its id, at most 64 characters, and when it happened.");
        }
        header.RequireSender(context);
    }
}
