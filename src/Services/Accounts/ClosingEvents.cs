using Anywire;
using Grpc.Core;
using Twite.Contracts;
using Twite.Storage;

namespace Twite.Accounts;

/// <summary>Tells the other services of accounts that were closed: what the outbox relay hands over through. Any thread may use it.</summary>
internal sealed class ClosingEvents(IServiceDirectory directory)
{
    /// <summary>Hands one event over to its receiver.</summary>
    public async Task<HandOver> SendAsync(OutboxEvent @event, CancellationToken cancellationToken)
    {
        var closed = AccountClosed.Parser.ParseFrom(@event.Body.Span);
        closed.Header.Id = @event.Id;
        closed.Header.Confirm = directory.TraitsOf(@event.Receiver).AtLeastOnce == Acknowledgement.Accepted;
        var invoker = directory.Connect(@event.Receiver);
        var names = closed.Header.Confirm ? new Metadata { { EventMetadata.IdKey, @event.Id } } : null;
        try
        {
            await (@event.Receiver switch
            {
                "messages" => new MessagesService.MessagesServiceClient(invoker).OnAccountClosedAsync(closed, names, cancellationToken: cancellationToken),
                "follows" => new FollowsService.FollowsServiceClient(invoker).OnAccountClosedAsync(closed, names, cancellationToken: cancellationToken),
                "notifications" => new NotificationsService.NotificationsServiceClient(invoker).OnAccountClosedAsync(closed, names, cancellationToken: cancellationToken),
                _ => throw new InvalidOperationException($"Nobody is told of closed accounts under the name {@event.Receiver}."),
            });
            return closed.Header.Confirm ? HandOver.Accepted : HandOver.Handled;
        }
        catch (RpcException error)
        {
            return error.ToHandOver();
        }
    }
}
