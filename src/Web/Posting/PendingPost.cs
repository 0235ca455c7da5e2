namespace Twite.Web.Posting;

/// <summary>A message that was handed over and is to be posted later.</summary>
/// <param name="Key">Its idempotency key.</param>
/// <param name="Text">What it says, as it will be posted.</param>
/// <param name="Since">When it was handed over.</param>
internal sealed record PendingPost(string Key, string Text, DateTimeOffset Since);

/// <summary>What became of somebody's messages that were handed over.</summary>
/// <param name="Waiting">Those that are still to be posted.</param>
/// <param name="Overdue">Those that should be there by now and are not.</param>
/// <param name="Forgotten">Those of so long ago that nobody knows any more.</param>
/// <param name="Posted">How many were found to be posted just now.</param>
/// <param name="Now">When that was so.</param>
internal sealed record PendingView(
    IReadOnlyList<PendingPost> Waiting, IReadOnlyList<PendingPost> Overdue, IReadOnlyList<PendingPost> Forgotten, int Posted, DateTimeOffset Now);
