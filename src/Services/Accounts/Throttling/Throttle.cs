namespace Twite.Accounts.Throttling;

/// <summary>Counts what happened per key within a sliding window, and says when it was too much. In memory and bounded: when full, the key that
/// was heard of least recently is forgotten. Each attempt is counted before it is made and taken back when it was no failure,
/// so that attempts made at the same time cannot outrun the count. Any thread may use it.</summary>
internal sealed class Throttle(Allowance allowance, int capacity, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, LinkedListNode<Counter>> _counters = new(StringComparer.Ordinal);
    private readonly LinkedList<Counter> _leastRecentFirst = new();

    /// <summary>How many keys are remembered now.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _counters.Count;
            }
        }
    }

    /// <summary>Counts an attempt; false when the key has used up its allowance, with the time until the next may be made.</summary>
    public bool TryCount(string key, out TimeSpan retryAfter)
    {
        var now = time.GetTimestamp();
        lock (_gate)
        {
            var counter = Touch(key);
            counter.Forget(now, allowance.Window, time);
            if (counter.Count >= allowance.Count)
            {
                retryAfter = allowance.Window - time.GetElapsedTime(counter.Oldest, now);
                return false;
            }
            counter.Add(now);
            retryAfter = TimeSpan.Zero;
            return true;
        }
    }

    /// <summary>Takes an attempt back that was counted: it was no failure.</summary>
    public void TakeBack(string key)
    {
        lock (_gate)
        {
            if (_counters.TryGetValue(key, out var node))
            {
                node.Value.RemoveNewest();
                if (node.Value.Count == 0)
                {
                    Remove(node);
                }
            }
        }
    }

    private Counter Touch(string key)
    {
        if (_counters.TryGetValue(key, out var node))
        {
            _leastRecentFirst.Remove(node);
        }
        else
        {
            if (_counters.Count >= capacity)
            {
                Remove(_leastRecentFirst.First!);
            }
            node = new LinkedListNode<Counter>(new Counter(key));
            _counters.Add(key, node);
        }
        _leastRecentFirst.AddLast(node);
        return node.Value;
    }

    private void Remove(LinkedListNode<Counter> node)
    {
        _leastRecentFirst.Remove(node);
        _counters.Remove(node.Value.Key);
    }

    private sealed class Counter(string key)
    {
        private readonly LinkedList<long> _at = new();

        public string Key { get; } = key;

        public int Count => _at.Count;

        public long Oldest => _at.First!.Value;

        public void Add(long timestamp) => _at.AddLast(timestamp);

        public void RemoveNewest()
        {
            if (_at.Count > 0)
            {
                _at.RemoveLast();
            }
        }

        public void Forget(long now, TimeSpan window, TimeProvider time)
        {
            while (_at.First is { } oldest && time.GetElapsedTime(oldest.Value, now) >= window)
            {
                _at.RemoveFirst();
            }
        }
    }
}
