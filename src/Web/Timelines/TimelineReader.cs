using Twite.Contracts;
using Twite.Web.Sessions;

namespace Twite.Web.Timelines;

/// <summary>Makes timelines out of what the services answer. Stateless; any thread may use it.</summary>
internal sealed class TimelineReader(RecentAccounts people, TimeProvider time)
{
    /// <summary>How many messages a page shows.</summary>
    public const int PageLength = 30;

    /// <summary>The window that a page asks for: one more than it shows, to know whether there is an older one.</summary>
    public static Page Window(long? maxId) => new() { MaxId = Math.Max(maxId ?? 0, 0), Limit = PageLength + 1 };

    /// <summary>A timeline from a reply to <see cref="Window"/>. One call at most, to Accounts; without it names stand in for display names.</summary>
    public async Task<TimelineView> ShowAsync(MessagesReply reply, TimelinePlace place, Viewer? viewer, CancellationToken cancellationToken)
    {
        var shown = reply.Messages.Take(PageLength).ToList();
        var views = await ShowAsync(shown, viewer, cancellationToken);
        return new TimelineView(
            views,
            reply.UpToId,
            reply.Messages.Count > PageLength ? place.UrlBefore(shown[^1].Id) : null,
            place.MaxId is null ? place.Stream : null,
            place.Empty);
    }

    /// <summary>Some messages as they are shown.</summary>
    public async Task<IReadOnlyList<MessageView>> ShowAsync(IReadOnlyList<Message> messages, Viewer? viewer, CancellationToken cancellationToken)
    {
        var authors = await people.GetOrNobodyAsync(messages.Select(m => m.AuthorId), cancellationToken);
        var now = time.GetUtcNow();
        return [.. messages.Select(m => MessageView.Of(m, authors, now, viewer is not null && viewer.Account.Id == m.AuthorId))];
    }
}

/// <summary>Where a timeline is shown.</summary>
/// <param name="Url">The page's own address, query included, without <c>max_id</c>.</param>
/// <param name="MaxId">The page asked for; null for the newest.</param>
/// <param name="Empty">What is said when there is nothing.</param>
/// <param name="Stream">The live stream that continues the newest page.</param>
internal sealed record TimelinePlace(string Url, long? MaxId, string Empty, string? Stream = null)
{
    public string UrlBefore(long id) => FormattableString.Invariant($"{Url}{(Url.Contains('?') ? '&' : '?')}max_id={id}");
}
