using Twite.Contracts;

namespace Twite.Web.Timelines;

/// <summary>One message as it is shown. Nothing in it depends on who looks but <paramref name="IsOwn"/>.</summary>
/// <param name="Message">What was said.</param>
/// <param name="DisplayName">What the author is called.</param>
/// <param name="Now">When it is shown.</param>
/// <param name="IsOwn">Whether it is the viewer's; null when it is shown to many, and the browser finds out.</param>
internal sealed record MessageView(Message Message, string DisplayName, DateTimeOffset Now, bool? IsOwn)
{
    public static MessageView Of(Message message, IReadOnlyDictionary<long, Account> people, DateTimeOffset now, bool? isOwn) =>
        new(message, people.TryGetValue(message.AuthorId, out var author) ? author.DisplayName : message.AuthorName, now, isOwn);

    public string ProfileUrl => "/@" + Message.AuthorName;

    public string Url => FormattableString.Invariant($"/@{Message.AuthorName}/{Message.Id}");
}

/// <summary>A page of messages, newest first.</summary>
/// <param name="Messages">The messages.</param>
/// <param name="UpToId">Where a live stream goes on from.</param>
/// <param name="OlderUrl">The page after this one; null when this is the last.</param>
/// <param name="Stream">The live stream that continues it; null for a page that does not move.</param>
/// <param name="Empty">What is said when there is nothing.</param>
internal sealed record TimelineView(IReadOnlyList<MessageView> Messages, long UpToId, string? OlderUrl, string? Stream, string Empty);
