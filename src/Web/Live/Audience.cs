namespace Twite.Web.Live;

/// <summary>The streams that want the same events in the same shape: one person's home streams, or the public ones, of one renderer.
/// All of it is guarded by the index's lock, except where said.</summary>
internal sealed class Audience(long? accountId, IChangeRenderer renderer)
{
    private readonly List<Subscription> _live = [];
    private readonly CancellationTokenSource _closing = new();

    /// <summary>Whose home; null for the public. Any thread.</summary>
    public long? AccountId { get; } = accountId;

    /// <summary>What encodes its events. Any thread.</summary>
    public IChangeRenderer Renderer { get; } = renderer;

    /// <summary>Whom it listens to: sorted, never changed once set. Empty for the public (everybody), or until first loaded. Any thread.</summary>
    public long[] Authors { get; set; } = [];

    /// <summary>Whether <see cref="Authors"/> was ever loaded. Any thread.</summary>
    public bool IsLoaded { get; set; } = accountId is null;

    /// <summary>Counts the follows and unfollows heard of, so that a list read before one of them is not taken for the newest.</summary>
    public int Revision { get; set; }

    /// <summary>Whom it came to listen to, perhaps late.</summary>
    public AuthorGains Gains { get; } = new();

    /// <summary>How many streams there are, live or catching up.</summary>
    public int Members { get; set; }

    /// <summary>The person is gone, or the front end stops: its streams end.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Cancelled soon after it is closed: what a stream waits for elsewhere, it waits for no longer. Any thread.</summary>
    public CancellationToken Closing => _closing.Token;

    /// <summary>The streams that are live. Go through it backwards when detaching.</summary>
    public IReadOnlyList<Subscription> Live => _live;

    /// <summary>Ends its streams, those that catch up as well.</summary>
    public void Close()
    {
        IsClosed = true;
        for (var s = _live.Count - 1; s >= 0; s--)
        {
            Detach(_live[s]);
        }
        // Elsewhere, since the index's lock is held here.
        _ = _closing.CancelAsync();
    }

    public void Attach(Subscription subscription)
    {
        subscription.Position = _live.Count;
        _live.Add(subscription);
    }

    public void Detach(Subscription subscription)
    {
        if (subscription.Position < 0)
        {
            return;
        }
        var last = _live[^1];
        _live[subscription.Position] = last;
        last.Position = subscription.Position;
        _live.RemoveAt(_live.Count - 1);
        subscription.Position = -1;
        subscription.Complete(Authors);
    }
}
