using Microsoft.AspNetCore.Mvc;
using Twite.Contracts;
using Twite.Web.Sessions;
using Twite.Web.Timelines;

namespace Twite.Web.Pages;

/// <summary>What happened to one: mentions and new followers.</summary>
internal sealed class NotificationsModel(
    RequestViewer viewers, TwiteClients clients, RecentAccounts people, UnreadCounts unread, TimeProvider time) : SitePage(viewers)
{
    private const int PageLength = 30;

    public IReadOnlyList<NotificationView> Notifications { get; private set; } = [];

    public long NewestId { get; private set; }

    public int Unread { get; private set; }

    /// <summary>What was said to mention the viewer could not be read.</summary>
    public bool AreMessagesAway { get; private set; }

    public string? OlderUrl { get; private set; }

    public async Task OnGetAsync([FromQuery(Name = "max_id")] long? maxId)
    {
        var viewer = await RequireViewerAsync();
        var request = new ListNotificationsRequest { Page = new Page { MaxId = Math.Max(maxId ?? 0, 0), Limit = PageLength + 1 } };
        var reply = await TryAsync(clients.Notifications.ListNotificationsAsync(request, viewer.Headers(), cancellationToken: Aborted).ResponseAsync);
        if (reply is null)
        {
            return;
        }

        Unread = unread.Remember(viewer.Account.Id, reply.Unread);
        var shown = reply.Notifications.Take(PageLength).ToList();
        var reading = MessagesAsync([.. shown.Select(n => n.MessageId).Where(id => id != 0).Distinct()]);
        var actors = await people.GetOrNobodyAsync(shown.Select(n => n.AccountId), Aborted);
        var messages = await TryAsync(reading);
        AreMessagesAway = messages is null;
        var now = time.GetUtcNow();
        Notifications = [.. shown.Select(n => new NotificationView(n, actors.GetValueOrDefault(n.AccountId), messages?.GetValueOrDefault(n.MessageId), now))];
        NewestId = shown.Count == 0 ? 0 : shown[0].Id;
        OlderUrl = reply.Notifications.Count > PageLength ? FormattableString.Invariant($"/notifications?max_id={shown[^1].Id}") : null;
    }

    public async Task<IActionResult> OnPostAsync([FromForm] long upTo)
    {
        var viewer = await RequireViewerAsync();
        await clients.Notifications.MarkReadAsync(new MarkReadRequest { UpToId = upTo }, viewer.Headers(), cancellationToken: Aborted);
        unread.Remember(viewer.Account.Id, 0);
        return Redirect("/notifications");
    }

    private async Task<IReadOnlyDictionary<long, Message>> MessagesAsync(IReadOnlyCollection<long> ids)
    {
        if (ids.Count == 0)
        {
            return new Dictionary<long, Message>();
        }
        var reply = await clients.Messages.ListByIdsAsync(new ListByIdsRequest { Ids = { ids } }, cancellationToken: Aborted);
        return reply.Messages.ToDictionary(m => m.Id);
    }
}

/// <summary>A notification as it is shown.</summary>
/// <param name="Notification">What it is.</param>
/// <param name="Actor">Who did it; null when they are gone, or Accounts does not answer.</param>
/// <param name="Message">The message of a mention; null when it is gone.</param>
/// <param name="Now">When it is shown.</param>
internal sealed record NotificationView(Notification Notification, Account? Actor, Message? Message, DateTimeOffset Now);
