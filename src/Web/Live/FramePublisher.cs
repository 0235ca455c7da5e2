using System.Runtime.CompilerServices;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Twite.Web.Live;

/// <summary>Encodes events once for each renderer somebody live needs, and gives them to the index.</summary>
internal sealed class FramePublisher(StreamIndex index, TimeProvider time, ILogger logger)
{
    // A renderer that hangs must not hold up the streams of the others, and if it does, not with every batch anew.
    private static readonly TimeSpan RenderTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan TimeoutOfTheLate = TimeSpan.FromMilliseconds(200);

    private readonly ConditionalWeakTable<IChangeRenderer, object> _late = [];

    /// <summary>Puts events out, in order; all changes up to the mark are out then. Never throws for a renderer's failure: the streams
    /// concerned read these changes again.</summary>
    public async ValueTask PublishAsync(IReadOnlyList<StreamEvent> events, long mark, CancellationToken cancellationToken)
    {
        var rendering = index.FindRenderers(events).Select(needed => TryRenderAsync(needed.Key, events, needed.Value, cancellationToken)).ToList();
        var frames = new Dictionary<IChangeRenderer, StreamFrame?[]>(ReferenceEqualityComparer.Instance);
        foreach (var (renderer, encoded) in await Task.WhenAll(rendering))
        {
            if (encoded is not null)
            {
                frames[renderer] = encoded;
            }
        }
        index.Publish(events, frames, mark);
    }

    private async Task<(IChangeRenderer Renderer, StreamFrame?[]? Frames)> TryRenderAsync(
        IChangeRenderer renderer, IReadOnlyList<StreamEvent> events, List<int> indexes, CancellationToken cancellationToken)
    {
        try
        {
            var timeout = _late.TryGetValue(renderer, out _) ? TimeoutOfTheLate : RenderTimeout;
            var encoded = await RenderAsync(renderer, [.. indexes.Select(i => events[i])], timeout, cancellationToken);
            _late.Remove(renderer);
            var all = new StreamFrame?[events.Count];
            for (var i = 0; i < indexes.Count; i++)
            {
                all[indexes[i]] = encoded[i];
            }
            return (renderer, all);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            if (e is TimeoutException)
            {
                _late.AddOrUpdate(renderer, renderer);
            }
            logger.RenderFailed(e);
            return (renderer, null);
        }
    }

    /// <summary>Encodes some events for one renderer.</summary>
    /// <exception cref="RpcException">What rendering needs cannot be had now.</exception>
    /// <exception cref="TimeoutException">Nor within 2 s.</exception>
    public ValueTask<IReadOnlyList<StreamFrame>> RenderAsync(
        IChangeRenderer renderer, IReadOnlyList<StreamEvent> events, CancellationToken cancellationToken) =>
        RenderAsync(renderer, events, RenderTimeout, cancellationToken);

    private async ValueTask<IReadOnlyList<StreamFrame>> RenderAsync(
        IChangeRenderer renderer, IReadOnlyList<StreamEvent> events, TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            return await RenderAllAsync(renderer, events, timeout, cancellationToken);
        }
        catch (Exception e) when (e is not (RpcException or TimeoutException or OperationCanceledException))
        {
            if (events.Count == 1)
            {
                // It would fail the next time too, and its stream would never get past it.
                logger.EventLeftOut(events[0].Id, e);
                return [new StreamFrame(events[0].Id, events[0], default)];
            }
        }

        var each = new List<StreamFrame>(events.Count);
        foreach (var e in events)
        {
            each.AddRange(await RenderAsync(renderer, [e], timeout, cancellationToken));
        }
        return each;
    }

    private async ValueTask<IReadOnlyList<StreamFrame>> RenderAllAsync(
        IChangeRenderer renderer, IReadOnlyList<StreamEvent> events, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var rendering = renderer.RenderAsync(events, cancellationToken);
        var rendered = rendering.IsCompletedSuccessfully
            ? await rendering
            : await rendering.AsTask().WaitAsync(timeout, time, cancellationToken);
        if (rendered.Count != events.Count)
        {
            throw new InvalidOperationException(
                $"{renderer.GetType()} rendered {rendered.Count} of {events.Count} events: it must answer each, with null for nothing.");
        }
        return [.. events.Select((e, i) =>
            new StreamFrame(e.Id, e, rendered[i] is { } shown ? ServerSentEvents.Encode(e.Id, shown) : default))];
    }
}
