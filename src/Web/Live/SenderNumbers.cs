namespace Twite.Web.Live;

/// <summary>Keeps count of the numbers of each instance of Notifications that sends here. Not thread-safe.</summary>
/// <param name="time">The clock.</param>
/// <param name="silence">One that is not heard of for so long, while others are, is gone: each says something every second.</param>
internal sealed class SenderNumbers(TimeProvider time, TimeSpan silence)
{
    private const int MaxSenders = 64;
    private readonly Dictionary<long, Sender> _senders = [];

    /// <summary>Some numbers below one's highest have not come (yet).</summary>
    public bool HasHole => _senders.Values.Any(s => s.Numbers.HasHole);

    /// <summary>Takes in a number.</summary>
    /// <param name="sender">Whose.</param>
    /// <param name="epoch">Those of one sender only grow.</param>
    /// <param name="number">The update's, or the last one sent when <paramref name="isStatement"/>.</param>
    /// <param name="isStatement">A tick or a lease: says what the last number was and is no update itself.</param>
    /// <returns>False when updates may have been missed: a new epoch or sender begins, or one has gone.</returns>
    public bool Accept(long sender, long epoch, long number, bool isStatement)
    {
        if (!_senders.TryGetValue(sender, out var known))
        {
            _senders.Add(sender, known = new Sender());
        }
        known.HeardAt = time.GetTimestamp();
        var isNext = known.Numbers.Accept(epoch, number, isStatement);
        return !ForgetGone() && isNext;
    }

    /// <summary>What has not come will not: counts on from the highest of each.</summary>
    public void GiveUp()
    {
        foreach (var sender in _senders.Values)
        {
            sender.Numbers.GiveUp();
        }
    }

    private bool ForgetGone()
    {
        if (_senders.Count == 1)
        {
            return false;
        }
        var gone = _senders.Where(s => time.GetElapsedTime(s.Value.HeardAt) >= silence).Select(s => s.Key).ToList();
        if (gone.Count == 0 && _senders.Count > MaxSenders)
        {
            gone.Add(_senders.MinBy(s => s.Value.HeardAt).Key);
        }
        gone.ForEach(sender => _senders.Remove(sender));
        return gone.Count > 0;
    }

    private sealed class Sender
    {
        public UpdateNumbers Numbers { get; } = new();

        public long HeardAt { get; set; }
    }
}
