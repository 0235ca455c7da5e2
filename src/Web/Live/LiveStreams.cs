using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Twite.Contracts;

namespace Twite.Web.Live;

/// <summary>The live streams of this front end: everything that is posted, deleted or notified, to whom it concerns, as server-sent
/// events. Any thread may use it. Got from <see cref="LiveFeed.Streams"/>.</summary>
public sealed class LiveStreams
{
    private readonly MessagesService.MessagesServiceClient _messages;
    private readonly StreamIndex _index;
    private readonly FollowLists _follows;
    private readonly AccountChecks _accounts;
    private readonly FramePublisher _frames;
    private readonly LiveOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CatchUpSlots _catchUps;
    private readonly Task _ready;

    internal LiveStreams(
        MessagesService.MessagesServiceClient messages, StreamIndex index, FollowLists follows, AccountChecks accounts, FramePublisher frames,
        LiveOptions options, Task ready, TimeProvider time, ILogger logger)
    {
        (_messages, _index, _follows, _accounts, _frames) = (messages, index, follows, accounts, frames);
        (_options, _ready, _time, _logger) = (options, ready, time, logger);
        _catchUps = new CatchUpSlots(options.MaxCatchUps, options.MaxCatchUpsOfStrangers);
    }

    /// <summary>How many streams are being served.</summary>
    public int Count => _index.Count;

    /// <summary>Answers a request with a stream and completes when that has ended: the client has gone, the stream reached
    /// <see cref="LiveOptions.MaxStreamAge"/>, the account was closed, or the front end stops. Clients reconnect by themselves, with
    /// <c>Last-Event-ID</c>. Who may see the stream is for the caller to check first.</summary>
    /// <param name="http">The exchange; nothing may have been written to it. Answered with 503, or 429 for an account or an address with too
    /// many streams, and Retry-After, when no more streams are taken.</param>
    /// <param name="request">Which stream, from where on.</param>
    /// <param name="renderer">What makes events into text; the same instance for all streams of a kind.</param>
    /// <param name="cancellationToken">Usually <see cref="HttpContext.RequestAborted"/>.</param>
    public async Task ServeAsync(HttpContext http, StreamRequest request, IChangeRenderer renderer, CancellationToken cancellationToken)
    {
        var admission = _index.Join(request, renderer, out var audience);
        if (admission != StreamAdmission.Admitted)
        {
            http.Response.StatusCode = admission == StreamAdmission.Full
                ? StatusCodes.Status503ServiceUnavailable
                : StatusCodes.Status429TooManyRequests;
            http.Response.Headers.RetryAfter = "10";
            return;
        }

        using var age = new CancellationTokenSource(_options.MaxStreamAge * (0.9 + (Random.Shared.NextDouble() / 10)), _time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(age.Token, cancellationToken);
        try
        {
            await ServerSentEvents.StartAsync(http.Response, ending.Token);
            var body = http.Response.BodyWriter;
            await RunAsync(
                audience,
                request,
                async (frames, _) =>
                {
                    foreach (var frame in frames)
                    {
                        body.Write(frame.Frame.Span);
                    }
                    // Not the stream's own end: a flush that is cancelled resets the connection, and an old stream is to end in order.
                    var flushed = await body.FlushAsync(cancellationToken);
                    return !flushed.IsCompleted && !flushed.IsCanceled;
                },
                ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The client left, or the stream is old enough: both are how streams end.
        }
        finally
        {
            _index.Leave(request, audience);
        }
    }

    internal StreamAdmission Join(StreamRequest request, IChangeRenderer renderer, out Audience audience) =>
        _index.Join(request, renderer, out audience);

    internal void Leave(StreamRequest request, Audience audience) => _index.Leave(request, audience);

    /// <summary>Runs a stream of an audience that was joined, into anything.</summary>
    internal async Task RunAsync(Audience audience, StreamRequest request, WriteFrames write, CancellationToken cancellationToken)
    {
        if (audience.AccountId is { } account)
        {
            _accounts.Check(account);
        }

        // Before the feed's first reading nobody knows where "now" is.
        if (!_ready.IsCompletedSuccessfully)
        {
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(audience.Closing, cancellationToken);
            await _ready.WaitAsync(ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
            if (!_ready.IsCompletedSuccessfully)
            {
                return;
            }
        }
        var retry = TimeSpan.FromMilliseconds(Random.Shared.Next(2_000, 5_000));
        await new LiveStream(_messages, _index, _follows, _frames, _catchUps, _options.MaxMissed, _time, _logger)
            .RunAsync(audience, request, retry, write, cancellationToken);
    }
}
