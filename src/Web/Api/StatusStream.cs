using System.Text.Json;
using Twite.Web.Api.Entities;
using Twite.Web.Live;

namespace Twite.Web.Api;

/// <summary>Writes live events as the Mastodon streaming API does: <c>update</c> with a status, <c>delete</c> with an id, <c>notification</c>.
/// Any thread may use it.</summary>
internal sealed class StatusStream(TwiteClients clients, ApiLinks links) : IChangeRenderer
{
    private readonly EntityReader _entities = new(clients, links);

    public async ValueTask<IReadOnlyList<RenderedEvent?>> RenderAsync(IReadOnlyList<StreamEvent> events, CancellationToken cancellationToken)
    {
        var posted = events.OfType<StreamEvent.Posted>().Select(p => p.Message).ToList();
        var statuses = (await _entities.StatusesAsync(posted, cancellationToken)).DistinctBy(s => s.Id).ToDictionary(s => s.Id);
        var notified = events.OfType<StreamEvent.Notified>().Select(n => n.Notification).ToList();
        var notifications = (await _entities.NotificationsAsync(notified, cancellationToken)).DistinctBy(n => n.Id).ToDictionary(n => n.Id);
        return [.. events.Select(e => Render(e, statuses, notifications))];
    }

    private static RenderedEvent? Render(
        StreamEvent happened, Dictionary<string, StatusEntity> statuses, Dictionary<string, NotificationEntity> notifications) => happened switch
    {
        // Word of a post may come after its author was suspended, and the timelines have hidden it.
        StreamEvent.Posted posted when statuses.TryGetValue(EntityReader.Text(posted.Id), out var status) && !status.Account.Suspended =>
            new RenderedEvent("update", JsonSerializer.SerializeToUtf8Bytes(status, ApiJson.Plain.StatusEntity)),
        StreamEvent.Deleted deleted => new RenderedEvent("delete", EntityReader.Text(deleted.MessageId)),
        StreamEvent.Notified notified when notifications.TryGetValue(EntityReader.Text(notified.Notification.Id), out var notification) =>
            new RenderedEvent("notification", JsonSerializer.SerializeToUtf8Bytes(notification, ApiJson.Plain.NotificationEntity)),
        _ => null,
    };
}
