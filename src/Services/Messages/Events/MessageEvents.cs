using Anywire;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Twite.Contracts;
using Twite.Storage;

namespace Twite.Messages;

/// <summary>Hands this service's events over to Notifications.</summary>
internal sealed class MessageEvents(IServiceDirectory directory)
{
    public const string Receiver = "notifications";
    public const string Posted = nameof(MessagePosted);
    public const string Deleted = nameof(MessageDeleted);

    private readonly Lazy<NotificationsService.NotificationsServiceClient> _notifications = new(() => new(directory.Connect(Receiver)));

    public async Task<HandOver> HandOverAsync(OutboxEvent @event, CancellationToken cancellationToken)
    {
        var accepted = directory.TraitsOf(Receiver).AtLeastOnce == Acknowledgement.Accepted;
        var header = new EventHeader { Id = @event.Id, OccurredAt = @event.OccurredAt.ToTimestamp(), Confirm = accepted };
        var names = accepted ? new Metadata { { EventMetadata.IdKey, @event.Id } } : null;
        try
        {
            switch (@event.Type)
            {
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
