using Anywire;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Twite.Contracts;
using Twite.Storage;

namespace Twite.Follows;

/// <summary>Tells Notifications of follows, and Accounts which of its events were given up here: what the outbox relay hands over through. Any thread may use it.</summary>
internal sealed class FollowEvents(IServiceDirectory directory)
{
    private const string Accounts = "accounts";

    /// <summary>Leaves word for the sender of an event that lies in the dead letters.</summary>
    public static async Task LeaveWordAsync(DeadLetter letter, Database database, ILogger logger)
    {
        if (letter.Sender != Accounts || letter.EventId.Length == 0)
        {
            return;
        }
        var word = new HandledRequest { Refused = { RefusedEvent.Of(letter.EventId, letter.Reason) } };
        try
        {
            await database.WriteAsync(write => write.Enqueue(Accounts, HandledRequest.Descriptor.Name, word.ToByteArray()), CancellationToken.None);
        }
        catch (StorageException error)
        {
            logger.WordNotLeft(letter.EventId, error.Message.TrimEnd('.'));
        }
    }

    /// <summary>Hands one event over to its receiver.</summary>
    public async Task<HandOver> SendAsync(OutboxEvent @event, CancellationToken cancellationToken)
    {
        try
        {
            return @event.Type == HandledRequest.Descriptor.Name ? await SendWordAsync(@event, cancellationToken) : await SendFollowAsync(@event, cancellationToken);
        }
        catch (RpcException error)
        {
            return error.ToHandOver();
        }
    }

    private async Task<HandOver> SendWordAsync(OutboxEvent @event, CancellationToken cancellationToken)
    {
        var accounts = new AccountsService.AccountsServiceClient(directory.Connect(@event.Receiver));
        await accounts.HandledAsync(HandledRequest.Parser.ParseFrom(@event.Body.Span), cancellationToken: cancellationToken);
        return HandOver.Handled;
    }

    private async Task<HandOver> SendFollowAsync(OutboxEvent @event, CancellationToken cancellationToken)
    {
        var confirm = directory.TraitsOf(@event.Receiver).AtLeastOnce == Acknowledgement.Accepted;
        var notifications = new NotificationsService.NotificationsServiceClient(directory.Connect(@event.Receiver));
        var names = confirm ? new Metadata { { EventMetadata.IdKey, @event.Id } } : null;
        if (@event.Type == Followed.Descriptor.Name)
        {
            var followed = Followed.Parser.ParseFrom(@event.Body.Span);
            Address(followed.Header, @event, confirm);
            await notifications.OnFollowedAsync(followed, names, cancellationToken: cancellationToken);
        }
        else
        {
            var unfollowed = Unfollowed.Parser.ParseFrom(@event.Body.Span);
            Address(unfollowed.Header, @event, confirm);
            await notifications.OnUnfollowedAsync(unfollowed, names, cancellationToken: cancellationToken);
        }
        return confirm ? HandOver.Accepted : HandOver.Handled;
    }

    private static void Address(EventHeader header, OutboxEvent @event, bool confirm)
    {
        header.Id = @event.Id;
        header.Confirm = confirm;
    }
}
