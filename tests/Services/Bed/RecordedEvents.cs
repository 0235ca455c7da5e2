using System.Collections.Concurrent;
using Anywire;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Twite.Contracts;

namespace Twite.Services.Bed;

/// <summary>Stands where Messages and Notifications would and keeps what they are told.</summary>
public sealed class RecordedEvents
{
    public Receiver<MessagesService.MessagesServiceBase> Messages { get; }

    public Receiver<NotificationsService.NotificationsServiceBase> Notifications { get; }

    /// <summary>Whether Notifications takes nothing now.</summary>
    public bool IsNotificationsAway { get; set; }

    public RecordedEvents()
    {
        var messages = new MessagesStandIn();
        Messages = new(messages.Told, new(MessagesService.Descriptor, binder => MessagesService.BindService(binder, messages)));
        var notifications = new NotificationsStandIn(this);
        Notifications = new(notifications.Told, new(NotificationsService.Descriptor, binder => NotificationsService.BindService(binder, notifications)));
    }

    public static IServiceModule Module<T>(Receiver<T> receiver) => new StandInModule(receiver.Registration);

    public sealed record Receiver<T>(ConcurrentQueue<IMessage> Told, ServiceRegistration Registration);

    private sealed class MessagesStandIn : MessagesService.MessagesServiceBase
    {
        public ConcurrentQueue<IMessage> Told { get; } = new();

        public override Task<Empty> OnAccountClosed(AccountClosed request, ServerCallContext context) => Keep(Told, request);
    }

    private sealed class NotificationsStandIn(RecordedEvents events) : NotificationsService.NotificationsServiceBase
    {
        public ConcurrentQueue<IMessage> Told { get; } = new();

        public override Task<Empty> OnAccountClosed(AccountClosed request, ServerCallContext context) =>
            events.IsNotificationsAway ? throw new RpcException(new Status(StatusCode.Unavailable, "Away.")) : Keep(Told, request);

        public override Task<Empty> OnMessagePosted(MessagePosted request, ServerCallContext context) => Keep(Told, request);

        public override Task<Empty> OnMessageDeleted(MessageDeleted request, ServerCallContext context) => Keep(Told, request);

        public override Task<Empty> OnFollowed(Followed request, ServerCallContext context) => Keep(Told, request);

        public override Task<Empty> OnUnfollowed(Unfollowed request, ServerCallContext context) => Keep(Told, request);
    }

    private static Task<Empty> Keep(ConcurrentQueue<IMessage> told, IMessage message)
    {
        told.Enqueue(message);
        return Task.FromResult(new Empty());
    }

    private sealed class StandInModule(ServiceRegistration registration) : IServiceModule
    {
        public IReadOnlyList<ServiceRegistration> Services { get; } = [registration];

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public ValueTask<Readiness> CheckReadinessAsync(CancellationToken cancellationToken) => new(Readiness.Ready);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
