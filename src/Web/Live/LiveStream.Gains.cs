namespace Twite.Web.Live;

/// <content>What authors had changed before the stream's audience came to listen to them.</content>
internal sealed partial class LiveStream
{
    private readonly Dictionary<long, long> _shownUpTo = [];
    private long[] _lastAuthors = [];
    private long _startedAt;
    private long _gainsSeen;

    /// <summary>Shows what was missed of the authors gained while the stream was not attached; false when the reader is gone.</summary>
    /// <param name="live">Attached now.</param>
    /// <param name="from">Where the stream caught up from: what is newer was read, of whom it listened to when it was attached.</param>
    /// <param name="cursor">Where it goes on.</param>
    /// <param name="write">Where frames go.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    private Task<bool> ShowEarlierGainsAsync(Subscription live, long from, long cursor, WriteFrames write, CancellationToken cancellationToken)
    {
        if (!ReferenceEquals(_lastAuthors, live.Authors))
        {
            // Who was lost meanwhile may come back, and was shown less far than on the streams that were attached.
            foreach (var author in _lastAuthors.Except(live.Authors))
            {
                _shownUpTo.TryAdd(author, from);
            }
        }
        return ShowGainsAsync(
            live.Audience, live.Gains, author => Array.BinarySearch(live.Authors, author) >= 0, from, cursor, write, cancellationToken);
    }

    /// <summary>Shows what was missed of the authors gained up to a number; false when the reader is gone.</summary>
    private Task<bool> ShowGainsAsync(Subscription live, long number, long cursor, WriteFrames write, CancellationToken cancellationToken) =>
        ShowGainsAsync(live.Audience, number, _ => true, cursor, cursor, write, cancellationToken);

    // What was missed is older than what was shown: it has no id, which would set the reader back.
    private async Task<bool> ShowGainsAsync(
        Audience audience, long number, Func<long, bool> isListenedTo, long limit, long cursor, WriteFrames write, CancellationToken cancellationToken)
    {
        var gains = index.GainsOf(audience, _gainsSeen, number);
        _gainsSeen = number;
        if (gains is null)
        {
            return await SkipAsync(audience, cursor, write, cancellationToken) is not null;
        }
        var missed = gains.Select(Missed).OfType<AuthorGain>().ToLookup(gain => gain.AuthorId);
        if (missed.Count == 0)
        {
            return true;
        }

        var authors = missed.Select(m => m.Key).ToList();
        var after = missed.Min(m => m.Min(gain => gain.AfterId));
        var mark = missed.Max(m => m.Max(gain => gain.UpToId));
        var cost = 0;
        while (after < mark && !index.IsClosed(audience))
        {
            var page = await ReadPageAsync(
                audience,
                isStranger: false,
                after,
                mark,
                authors,
                change => missed[change.Posted?.AuthorId ?? change.Deleted.AuthorId].Any(gain => gain.AfterId < change.Id && change.Id <= gain.UpToId),
                write,
                cancellationToken);
            if (page is null)
            {
                return false;
            }
            var shown = page.Shown.Select(f => f with { Id = 0, Frame = ServerSentEvents.WithoutId(f.Frame) }).ToList();
            if (shown.Count > 0 && !await write(shown, cancellationToken))
            {
                return false;
            }
            after = page.UpToId;
            cost += page.Cost;
            if (after < mark && cost >= maxMissed)
            {
                return await SkipAsync(audience, cursor, write, cancellationToken) is not null;
            }
        }
        return true;

        AuthorGain? Missed(AuthorGain gain)
        {
            var shownUpTo = _shownUpTo.Remove(gain.AuthorId, out var upTo) ? Math.Min(upTo, gain.AfterId) : gain.AfterId;
            if (!isListenedTo(gain.AuthorId))
            {
                _shownUpTo[gain.AuthorId] = shownUpTo;
                return null;
            }
            var owed = gain with { AfterId = Math.Max(shownUpTo, _startedAt), UpToId = Math.Min(gain.UpToId, limit) };
            return owed.AfterId < owed.UpToId ? owed : null;
        }
    }
}
