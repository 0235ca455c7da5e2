using Anywire.Identity;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Twite.Contracts;

namespace Twite.Web.Tests.Api;

/// <summary>Notifications in memory, by the contract. It grants no lease: the live feed reads changes by itself.</summary>
internal sealed class MemoryNotifications(UserAssertionVerifier users) : NotificationsService.NotificationsServiceBase
{
    private readonly Lock _lock = new();
    private readonly List<(long Owner, Notification Notification)> _all = [];

    public void Add(long ownerId, NotificationType type, long actorId, long messageId = 0)
    {
        lock (_lock)
        {
            _all.Add((ownerId, new Notification
            {
                Id = _all.Count + 1, Type = type, AccountId = actorId, MessageId = messageId,
                CreatedAt = Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow()),
            }));
        }
    }

    public override async Task<ListNotificationsReply> ListNotifications(ListNotificationsRequest request, ServerCallContext context)
    {
        var user = await users.RequireAsync(context);
        var page = request.Page;
        lock (_lock)
        {
            var all = _all.Where(n => n.Owner == user.Id).Select(n => n.Notification)
                .Where(n => (page.MaxId == 0 || n.Id < page.MaxId) && n.Id > page.SinceId && n.Id > page.MinId).ToList();
            var taken = page.MinId != 0 ? all.Take(page.Limit) : all.TakeLast(page.Limit);
            return new ListNotificationsReply { Notifications = { taken.Reverse() } };
        }
    }
}
