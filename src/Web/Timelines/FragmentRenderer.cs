using System.Globalization;
using Twite.Contracts;
using Twite.Web.Live;

namespace Twite.Web.Timelines;

/// <summary>What a live stream carries to a page: messages as the same HTML that the page itself was made of, and what is gone. One instance
/// serves all pages; any thread may use it.</summary>
internal sealed class FragmentRenderer(RecentAccounts people, RazorFragments fragments, TimeProvider time) : IChangeRenderer
{
    // Well below what a stream waits for its renderer: while Accounts hang, messages come with the names that travel with them.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(400);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<RenderedEvent?>> RenderAsync(IReadOnlyList<StreamEvent> events, CancellationToken cancellationToken)
    {
        var authors = events.OfType<StreamEvent.Posted>().Select(e => e.Message.AuthorId).ToList();
        var known = await people.TryGetAsync(authors, time.GetUtcNow().UtcDateTime + Patience, cancellationToken);
        var accounts = known ?? new Dictionary<long, Account>();
        var now = time.GetUtcNow();
        var rendered = new RenderedEvent?[events.Count];
        for (var i = 0; i < events.Count; i++)
        {
            rendered[i] = events[i] switch
            {
                // Word of a post may come after its author was closed, and the timelines have hidden it.
                StreamEvent.Posted { Message.AuthorId: var author } when known is not null && (!known.TryGetValue(author, out var account) || account.Suspended) => null,
                StreamEvent.Posted posted => new RenderedEvent(
                    "posted", await fragments.RenderAsync("/Pages/_Message.cshtml", MessageView.Of(posted.Message, accounts, now, isOwn: null))),
                StreamEvent.Deleted deleted => new RenderedEvent("deleted", deleted.MessageId.ToString(CultureInfo.InvariantCulture)),
                StreamEvent.Notified notified => new RenderedEvent("notified", notified.Notification.Id.ToString(CultureInfo.InvariantCulture)),
                StreamEvent.Skipped skipped => new RenderedEvent("skipped", skipped.UpToId.ToString(CultureInfo.InvariantCulture)),
                _ => null,
            };
        }
        return rendered;
    }
}
