using Twite.Contracts;
using Twite.Web.Api.Entities;

namespace Twite.Web.Api;

/// <summary>What happened to the token's person.</summary>
internal static class NotificationEndpoints
{
    public static async Task ListAsync(ApiCall call)
    {
        var viewer = call.RequireViewer();
        var page = call.ReadPage();
        var reply = await call.Clients.Notifications.ListNotificationsAsync(
            new ListNotificationsRequest { Page = page }, viewer.Headers(), cancellationToken: call.Aborted);
        var query = call.Http.Request.Query;
        var wanted = query["types[]"].Concat(query["types"]).ToHashSet(StringComparer.Ordinal);
        var unwanted = query["exclude_types[]"].Concat(query["exclude_types"]).ToHashSet(StringComparer.Ordinal);

        var notifications = await call.Entities.NotificationsAsync(reply.Notifications, call.Aborted);
        // What is filtered out still counts for the page: its links lead through the whole list.
        call.LinkAround([.. reply.Notifications.Select(n => n.Id)]);
        await call.WriteAsync(
            [.. notifications.Where(n => (wanted.Count == 0 || wanted.Contains(n.Type)) && !unwanted.Contains(n.Type))],
            ApiJson.Plain.IReadOnlyListNotificationEntity);
    }
}
