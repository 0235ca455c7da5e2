using Anywire;
using Grpc.Core;
using Twite.Contracts;
using Twite.Storage;

namespace Twite.Follows;

/// <summary>Tells Notifications of follows: what the outbox relay hands over through. Any thread may use it.</summary>
internal sealed class FollowEvents(IServiceDirectory directory)
{
    /// <summary>Hands one event over to its receiver.</summary>
    public async Task<HandOver> SendAsync(OutboxEvent @event, CancellationToken cancellationToken)
    {
        var confirm = directory.TraitsOf(@event.Receiver).AtLeastOnce == Acknowledgement.Accepted;
        var notifications = new NotificationsService.NotificationsServiceClient(directory.Connect(@event.Receiver));
        var names = confirm ? new Metadata { { EventMetadata.IdKey, @event.Id } } : null;
        try
        {
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
        catch (RpcException error)
        {
            return error.ToHandOver();
        }
    }

    private static void Address(EventHeader header, OutboxEvent @event, bool confirm)
    {
        header.Id = @event.Id;
        header.Confirm = confirm;
    }
}
