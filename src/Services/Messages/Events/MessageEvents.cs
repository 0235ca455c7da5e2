using Anywire;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Twite.Contracts;
using Twite.Storage;

namespace Twite.Messages;

/// <summary>Hands this service's events over to Notifications, and tells Accounts which of its own were given up here.</summary>
internal sealed class MessageEvents(IServiceDirectory directory)
{
    public const string Receiver = "notifications";
    public const string Posted = nameof(MessagePosted);
    public const string Deleted = nameof(MessageDeleted);
    public const string Accounts = "accounts";
    public const string GivenUp = nameof(HandledRequest);

    private readonly Lazy<NotificationsService.NotificationsServiceClient> _notifications = new(() => new(directory.Connect(Receiver)));
    private readonly Lazy<AccountsService.AccountsServiceClient> _accounts = new(() => new(directory.Connect(Accounts)));

    /// <summary>Leaves word for the sender of an event that lies in the dead letters; who else has sent one does not ask.</summary>
    public static async Task LeaveWordAsync(DeadLetter letter, Database database, ILogger logger)
    {
        if (letter.Sender != Accounts || letter.EventId.Length == 0)
        {
            return;
        }
        var word = new HandledRequest { Refused = { RefusedEvent.Of(letter.EventId, letter.Reason) } };
        try
        {
            await database.WriteAsync(session => session.Enqueue(Accounts, GivenUp, word.ToByteArray()), CancellationToken.None);
        }
        catch (StorageException error)
        {
            logger.WordNotLeft(letter.EventId, error.Message.TrimEnd('.'));
        }
    }

    public async Task<HandOver> HandOverAsync(OutboxEvent @event, CancellationToken cancellationToken)
    {
        var accepted = directory.TraitsOf(Receiver).AtLeastOnce == Acknowledgement.Accepted;
        var header = new EventHeader { Id = @event.Id, OccurredAt = @event.OccurredAt.ToTimestamp(), Confirm = accepted };
        var names = accepted ? new Metadata { { EventMetadata.IdKey, @event.Id } } : null;
        try
        {
            switch (@event.Type)
            {
                case GivenUp:
                    await _accounts.Value.HandledAsync(HandledRequest.Parser.ParseFrom(@event.Body.Span), cancellationToken: cancellationToken);
                    return HandOver.Handled;
                case Posted:
                    var posted = MessagePosted.Parser.ParseFrom(@event.Body.Span);
                    posted.Header = header;
                    await _notifications.Value.OnMessagePostedAsync(posted, names, cancellationToken: cancellationToken);
                    break;
                case Deleted:
                    var deleted = MessageDeleted.Parser.ParseFrom(@event.Body.Span);
                    deleted.Header = header;
                    await _notifications.Value.OnMessageDeletedAsync(deleted, names, cancellationToken: cancellationToken);
                    break;
                default:
                    return HandOver.Refused($"This version sends no events of type {@event.Type}.");
            }
        }
        catch (RpcException error)
        {
            return error.ToHandOver();
        }
        return accepted ? HandOver.Accepted : HandOver.Handled;
    }
}
