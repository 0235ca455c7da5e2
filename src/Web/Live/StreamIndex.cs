namespace Twite.Web.Live;

/// <summary>Who wants what: from authors to the audiences that listen to them, so that a post touches only the streams that want it.
/// Any thread may use it. Whoever attaches is given every change after the mark it attached at, or is ended.</summary>
internal sealed partial class StreamIndex(LiveOptions options, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(long? AccountId, IChangeRenderer Renderer), Audience> _audiences = [];
    private readonly Dictionary<long, HashSet<Audience>> _byAuthor = [];
    private readonly Dictionary<long, List<Audience>> _byAccount = [];
    private readonly List<Audience> _public = [];
    private readonly Dictionary<string, int> _byWho = new(StringComparer.Ordinal);
    private int _streams;
    private int _strangers;
    private bool _closed;

    /// <summary>All changes up to this one were put out.</summary>
    public long Mark { get; private set; }

    /// <summary>How many streams there are.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _streams;
            }
        }
    }

    /// <summary>Makes a stream a member of its audience. Leave it by <see cref="Leave"/>.</summary>
    public StreamAdmission Join(StreamRequest request, IChangeRenderer renderer, out Audience audience)
    {
        lock (_gate)
        {
            var isNew = !_audiences.TryGetValue((request.AccountId, renderer), out audience!);
            audience ??= new Audience(request.AccountId, renderer);
            if (_closed || _streams >= options.MaxStreams || (request.IsStranger && _strangers >= options.MaxStreamsOfStrangers))
            {
                return StreamAdmission.Full;
            }
            var same = _byWho.GetValueOrDefault(request.Who);
            if (same >= (request.IsStranger ? options.MaxStreamsPerAddress : options.MaxStreamsPerAccount))
            {
                return StreamAdmission.TooManyOfOne;
            }
            _byWho[request.Who] = same + 1;
            if (isNew)
            {
                Add(audience);
            }
            audience.Members++;
            _streams++;
            _strangers += request.IsStranger ? 1 : 0;
            return StreamAdmission.Admitted;
        }
    }

    /// <summary>Ends a membership.</summary>
    public void Leave(StreamRequest request, Audience audience)
    {
        lock (_gate)
        {
            _streams--;
            _strangers -= request.IsStranger ? 1 : 0;
            if (--_byWho[request.Who] == 0)
            {
                _byWho.Remove(request.Who);
            }
            if (--audience.Members == 0)
            {
                Remove(audience);
            }
        }
    }

    /// <summary>From here on every change the audience wants is put into the subscription's queue.</summary>
    public Subscription Attach(Audience audience)
    {
        lock (_gate)
        {
            var subscription = new Subscription(audience, Mark, options.QueueLength, time.GetTimestamp());
            if (_closed || audience.IsClosed)
            {
                subscription.Complete(audience.Authors);
            }
            else
            {
                audience.Attach(subscription);
            }
            return subscription;
        }
    }

    /// <summary>No more is put in.</summary>
    public void Detach(Subscription subscription)
    {
        lock (_gate)
        {
            subscription.Audience.Detach(subscription);
        }
    }

    /// <summary>Whether the audience's streams are to end rather than to catch up.</summary>
    public bool IsClosed(Audience audience)
    {
        lock (_gate)
        {
            return _closed || audience.IsClosed;
        }
    }

    /// <summary>Which renderers somebody live needs for each event.</summary>
    public Dictionary<IChangeRenderer, List<int>> FindRenderers(IReadOnlyList<StreamEvent> events)
    {
        var needed = new Dictionary<IChangeRenderer, List<int>>(ReferenceEqualityComparer.Instance);
        lock (_gate)
        {
            for (var i = 0; i < events.Count; i++)
            {
                foreach (var audience in AudiencesOf(events[i]))
                {
                    if (audience.Live.Count == 0)
                    {
                        continue;
                    }
                    if (!needed.TryGetValue(audience.Renderer, out var indexes))
                    {
                        needed[audience.Renderer] = indexes = [];
                    }
                    if (indexes.Count == 0 || indexes[^1] != i)
                    {
                        indexes.Add(i);
                    }
                }
            }
        }
        return needed;
    }

    /// <summary>Puts events into the queues of all who want them and moves the mark. Whoever wants one that was not encoded for it, or has
    /// no room for it, is ended and reads it later.</summary>
    public void Publish(IReadOnlyList<StreamEvent> events, IReadOnlyDictionary<IChangeRenderer, StreamFrame?[]> frames, long mark)
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            for (var i = 0; i < events.Count; i++)
            {
                foreach (var audience in AudiencesOf(events[i]))
                {
                    var frame = frames.TryGetValue(audience.Renderer, out var encoded) ? encoded[i] : null;
                    for (var s = audience.Live.Count - 1; s >= 0; s--)
                    {
                        if (frame is null || (!frame.Frame.IsEmpty && !audience.Live[s].Offer(frame, now)))
                        {
                            audience.Detach(audience.Live[s]);
                        }
                    }
                }
            }
            Mark = Math.Max(Mark, mark);
        }
    }

    /// <summary>Gives those that had nothing for a while a heartbeat with the mark.</summary>
    public void Beat()
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            var beat = new StreamFrame(Mark, null, ServerSentEvents.EncodeMark(Mark));
            foreach (var audience in _audiences.Values)
            {
                foreach (var subscription in audience.Live)
                {
                    if (time.GetElapsedTime(subscription.LastOffered, now) >= options.Heartbeat)
                    {
                        subscription.Offer(beat, now);
                    }
                }
            }
        }
    }

    /// <summary>Ends an account's streams.</summary>
    public void Close(long accountId)
    {
        lock (_gate)
        {
            foreach (var audience in HomesOf(accountId))
            {
                audience.Close();
            }
        }
    }

    /// <summary>Ends all streams and takes no more.</summary>
    public void CloseAll()
    {
        lock (_gate)
        {
            _closed = true;
            foreach (var audience in _audiences.Values)
            {
                audience.Close();
            }
        }
    }
}

/// <summary>Whether one more stream is taken.</summary>
internal enum StreamAdmission
{
    /// <summary>It is.</summary>
    Admitted,

    /// <summary>There are too many streams, or the front end is stopping.</summary>
    Full,

    /// <summary>The account has too many, or the stranger's address.</summary>
    TooManyOfOne,
}
