using Grpc.Core;
using Microsoft.Extensions.Logging;
using Twite.Contracts;

namespace Twite.Web.Live;

/// <summary>Takes frames, in order; completes once there is room for more, so a slow reader holds up only itself. The list is reused
/// afterwards. False: the reader is gone.</summary>
internal delegate ValueTask<bool> WriteFrames(IReadOnlyList<StreamFrame> frames, CancellationToken cancellationToken);

/// <summary>One reader's stream: reads what it missed, then follows what is live, and reads again where it left off whenever it was too
/// slow for that. Runs once.</summary>
internal sealed partial class LiveStream(
    MessagesService.MessagesServiceClient messages, StreamIndex index, FollowLists follows, FramePublisher frames, CatchUpSlots catchUps,
    int maxMissed, TimeProvider time, ILogger logger)
{
    private const int PageSize = 200;
    private const int BatchSize = 64;
    private static readonly StreamFrame Comment = new(0, null, ServerSentEvents.Comment);

    /// <summary>Writes a stream until the reader is gone, its account is closed, the front end stops, or the token is cancelled.</summary>
    /// <param name="audience">Joined by the caller.</param>
    /// <param name="request">What it was joined for.</param>
    /// <param name="retry">What the client is told about reconnecting.</param>
    /// <param name="write">Where frames go.</param>
    /// <param name="cancellationToken">Ends the stream by an <see cref="OperationCanceledException"/>.</param>
    public async Task RunAsync(Audience audience, StreamRequest request, TimeSpan retry, WriteFrames write, CancellationToken cancellationToken)
    {
        if (!audience.IsLoaded && !await PersistAsync(audience, async token => await follows.LoadAsync(audience, token), write, cancellationToken))
        {
            return;
        }

        var cursor = request.SinceId;
        var started = false;
        while (!index.IsClosed(audience))
        {
            var live = index.Attach(audience);
            try
            {
                var from = cursor ?? live.AttachedAt;
                if (!started && !await write([new StreamFrame(from, null, ServerSentEvents.EncodeStart(retry, from))], cancellationToken))
                {
                    return;
                }
                if (await CatchUpAsync(live, request.IsStranger, from, write, cancellationToken) is not { } reached)
                {
                    return;
                }
                if (!started)
                {
                    // A cursor that was nonsense is not gone on from.
                    (_startedAt, _gainsSeen) = (Math.Min(from, reached), live.Gains);
                    started = true;
                }
                cursor = await ShowEarlierGainsAsync(live, from, reached, write, cancellationToken)
                    ? await FollowAsync(live, reached, write, cancellationToken)
                    : null;
                if (cursor is null)
                {
                    return;
                }
                _lastAuthors = live.LastAuthors;
            }
            finally
            {
                index.Detach(live);
            }
        }
    }

    /// <summary>Shows what lies between a cursor and the mark, from the database; the cursor it reached, null when the reader is gone.</summary>
    private async Task<long?> CatchUpAsync(
        Subscription live, bool isStranger, long cursor, WriteFrames write, CancellationToken cancellationToken)
    {
        var (audience, mark) = (live.Audience, live.AttachedAt);
        if (cursor > mark)
        {
            return await LimitAsync(audience, cursor, mark, write, cancellationToken);
        }
        var more = cursor < mark;
        var missed = 0;
        while (more && !index.IsClosed(audience))
        {
            // What is newer than the mark is in the queue, of those who are listened to by then.
            var page = await ReadPageAsync(audience, isStranger, cursor, mark, live.Authors, change => change.Id <= mark, write, cancellationToken);
            if (page is null || (page.Shown.Count > 0 && !await write(page.Shown, cancellationToken)))
            {
                return null;
            }
            cursor = Math.Min(page.UpToId, mark);
            more = cursor < mark;
            missed += page.Cost;
            if (more && missed >= maxMissed)
            {
                return await SkipAsync(audience, mark, write, cancellationToken);
            }
        }
        return cursor;
    }

    /// <summary>Reads and renders a page of what some authors changed after a cursor; null when the reader is gone.</summary>
    private async Task<MissedPage?> ReadPageAsync(
        Audience audience, bool isStranger, long cursor, long mark, IEnumerable<long> authors, Func<Change, bool> isWanted, WriteFrames write,
        CancellationToken cancellationToken)
    {
        ListChangesReply page = null!;
        IReadOnlyList<StreamFrame> encoded = [];
        var read = await PersistAsync(
            audience,
            async token =>
            {
                encoded = await catchUps.UseAsync(
                    audience.Renderer,
                    isStranger,
                    async () =>
                    {
                        var request = new ListChangesRequest { SinceId = Math.Max(cursor, 1), Limit = PageSize };
                        request.AuthorIds.AddRange(authors);
                        return page = await messages.ListChangesAsync(request, cancellationToken: token);
                    },
                    read => frames.RenderAsync(audience.Renderer, [.. read.Changes.Where(isWanted).Select(StreamEvent.Of)], token),
                    token);

                // Only a replica that lags behind knows less than the feed.
                if (!page.More && page.UpToId < mark)
                {
                    throw new RpcException(new Status(StatusCode.Unavailable, "Messages does not know the newest changes yet."));
                }
            },
            write,
            cancellationToken);
        return read ? new MissedPage([.. encoded.Where(f => !f.Frame.IsEmpty)], page.UpToId, Math.Max(page.Changes.Count, 1)) : null;
    }

    /// <summary>Goes on from the mark, and says so where the renderer has a word for it; the mark, null when the reader is gone.</summary>
    private async Task<long?> SkipAsync(Audience audience, long mark, WriteFrames write, CancellationToken cancellationToken)
    {
        var frame = new StreamFrame(mark, null, ServerSentEvents.EncodeMark(mark));
        var rendered = await PersistAsync(
            audience,
            async token =>
            {
                if (await frames.RenderAsync(audience.Renderer, [new StreamEvent.Skipped(mark)], token) is [{ Frame.IsEmpty: false } shown])
                {
                    frame = shown;
                }
            },
            write,
            cancellationToken);
        return rendered && await write([frame], cancellationToken) ? mark : null;
    }

    /// <summary>A cursor above the mark is that of a page read a moment before its newest message came here; or nonsense, which would
    /// silence the stream. Null when the reader is gone.</summary>
    private async Task<long?> LimitAsync(Audience audience, long cursor, long mark, WriteFrames write, CancellationToken cancellationToken)
    {
        var newest = 0L;
        var read = await PersistAsync(
            audience, async token => newest = (await messages.ListChangesAsync(new ListChangesRequest(), cancellationToken: token)).UpToId, write, cancellationToken);
        return !read ? null : cursor <= newest ? cursor : mark;
    }

    /// <summary>Shows what is live until the subscription ends; the cursor it reached, null when the reader is gone.</summary>
    private async Task<long?> FollowAsync(Subscription live, long cursor, WriteFrames write, CancellationToken cancellationToken)
    {
        var batch = new List<StreamFrame>();
        while (await live.Reader.WaitToReadAsync(cancellationToken))
        {
            batch.Clear();
            var gains = 0L;
            while (batch.Count < BatchSize && gains == 0 && live.Reader.TryRead(out var frame))
            {
                if (frame.Gains > 0)
                {
                    gains = frame.Gains;
                    cursor = Math.Max(cursor, frame.Id);
                }
                else if (frame.Id > cursor || frame.Id == 0)
                {
                    batch.Add(frame);
                    cursor = Math.Max(cursor, frame.Id);
                }
                else if (frame.Event is null)
                {
                    batch.Add(Comment);
                }
            }
            if ((batch.Count > 0 && !await write(batch, cancellationToken))
                || (gains > 0 && !await ShowGainsAsync(live, gains, cursor, write, cancellationToken)))
            {
                return null;
            }
        }
        return cursor;
    }

    /// <summary>Does something until it works, with comments in between so that the connection is kept; false when the reader is gone or its stream is to end.</summary>
    private async Task<bool> PersistAsync(Audience audience, Func<CancellationToken, Task> work, WriteFrames write, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(audience.Closing, cancellationToken);
        var backoff = new Backoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(10));
        while (true)
        {
            try
            {
                await work(ending.Token);
                return true;
            }
            catch (RpcException e) when (cancellationToken.IsCancellationRequested)
            {
                // A call that was under way fails as one that was cancelled, on any wire.
                throw new OperationCanceledException(e.Status.Detail, e, cancellationToken);
            }
            catch (Exception) when (audience.Closing.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                return false;
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                logger.CatchUpFailed(e is RpcException rpc ? LiveLog.Reason(rpc) : e.Message);
            }
            await Task.Delay(backoff.Next(), time, ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
            if (audience.Closing.IsCancellationRequested || !await write([Comment], cancellationToken))
            {
                return false;
            }
        }
    }
}
