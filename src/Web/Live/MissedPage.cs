namespace Twite.Web.Live;

/// <summary>A page of changes a stream missed.</summary>
/// <param name="Shown">Those that are shown, encoded.</param>
/// <param name="UpToId">All up to this one are in it.</param>
/// <param name="Cost">What it counts for against the most that a stream reads.</param>
internal sealed record MissedPage(IReadOnlyList<StreamFrame> Shown, long UpToId, int Cost);
