using System.Threading.Channels;

namespace Twite.Web.Live;

/// <summary>An event or a heartbeat, encoded for the wire once for all streams that share a renderer.</summary>
/// <param name="Id">The mark a stream reaches with it; 0 leaves the mark as it is.</param>
/// <param name="Event">What it is; null for a heartbeat.</param>
/// <param name="Frame">What is written; empty when the renderer shows nothing for it.</param>
internal sealed record StreamFrame(long Id, StreamEvent? Event, ReadOnlyMemory<byte> Frame)
{
    /// <summary>With nothing to be written: the number of the latest author its audience has gained, at the mark. Else 0.</summary>
    public long Gains { get; init; }
}

/// <summary>One stream's place among the live ones, made under the index's lock: a bounded queue, filled under the index's lock and drained by the stream.
/// It ends when the reader was too slow, a change could not be rendered, or the stream itself is to end.</summary>
internal sealed class Subscription(Audience audience, long attachedAt, int capacity, long now)
{
    private readonly Channel<StreamFrame> _queue = Channel.CreateBounded<StreamFrame>(
        new BoundedChannelOptions(capacity) { SingleReader = true, SingleWriter = true, FullMode = BoundedChannelFullMode.Wait });

    /// <summary>Whom it belongs to.</summary>
    public Audience Audience { get; } = audience;

    /// <summary>The index's mark when it was attached: all changes after it are in the queue.</summary>
    public long AttachedAt { get; } = attachedAt;

    /// <summary>Whom its audience listened to when it was attached.</summary>
    public long[] Authors { get; } = audience.Authors;

    /// <summary>Whom it listened to when it was detached. Of those who have read the queue to its end.</summary>
    public long[] LastAuthors { get; private set; } = [];

    /// <summary>The number of its audience's latest gain when it was attached: those after it are announced in the queue.</summary>
    public long Gains { get; } = audience.Gains.Count;

    /// <summary>Where it stands in its audience's list; -1 once detached. Under the index's lock.</summary>
    public int Position { get; set; } = -1;

    /// <summary>When something was last put in: a timestamp of the clock. Under the index's lock.</summary>
    public long LastOffered { get; private set; } = now;

    /// <summary>What waits to be written.</summary>
    public ChannelReader<StreamFrame> Reader => _queue.Reader;

    /// <summary>Puts a frame in; false when the queue is full.</summary>
    public bool Offer(StreamFrame frame, long now)
    {
        LastOffered = now;
        return _queue.Writer.TryWrite(frame);
    }

    /// <summary>Says that the audience has gained authors; false when the queue is full.</summary>
    public bool AnnounceGains(long mark) => _queue.Writer.TryWrite(new StreamFrame(mark, null, default) { Gains = Audience.Gains.Count });

    /// <summary>Nothing more comes; what is in the queue stays.</summary>
    public void Complete(long[] lastAuthors)
    {
        LastAuthors = lastAuthors;
        _queue.Writer.TryComplete();
    }
}
