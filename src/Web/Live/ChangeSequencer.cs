using Twite.Contracts;

namespace Twite.Web.Live;

/// <summary>Puts changes into their one order: each names the one before it, so one whose predecessor was seen is next, one that is ahead
/// waits a moment, and what does not come is read. Pure: no wire, no thread of its own. Not thread-safe.</summary>
internal sealed class ChangeSequencer(TimeProvider time, TimeSpan grace, TimeSpan silence)
{
    private const int MaxAhead = 1_000;
    private readonly Dictionary<long, StreamEvent> _aheadByPrevious = [];
    private readonly SenderNumbers _numbers = new(time, silence);
    private long _waitingSince;
    private bool _waiting;
    private bool _lost;

    /// <summary>All changes up to this one were put out; null until the first reading.</summary>
    public long? Mark { get; private set; }

    /// <summary>What is missing must be read now.</summary>
    public bool IsBehind => _lost || (_waiting && time.GetElapsedTime(_waitingSince) >= grace);

    /// <summary>How long until <see cref="IsBehind"/> unless the missing ones come; null when nothing is missing.</summary>
    public TimeSpan? Patience => _lost ? TimeSpan.Zero
        : _waiting ? Max(grace - time.GetElapsedTime(_waitingSince), TimeSpan.Zero) : null;

    /// <summary>Something other than a change may have been missed too (a follow): true once after each loss.</summary>
    public bool TakeLoss()
    {
        var loss = OtherLoss;
        OtherLoss = false;
        return loss;
    }

    private bool OtherLoss { get; set; }

    /// <summary>Takes in an update's number. Its change, if it has one, comes by <see cref="AcceptChange"/>.</summary>
    public void AcceptNumber(long sender, long epoch, long number, bool isStatement)
    {
        if (!_numbers.Accept(sender, epoch, number, isStatement))
        {
            Lose();
        }
        Settle();
    }

    /// <summary>Takes in a change and adds what is next now, in order, to <paramref name="next"/>.</summary>
    public void AcceptChange(StreamEvent change, long previousId, List<StreamEvent> next)
    {
        if (change.Id <= Mark)
        {
            return;
        }
        // Between a change and its predecessor there is nothing, so a mark in between is as good as the predecessor.
        _aheadByPrevious[Math.Max(previousId, Mark ?? 0)] = change;
        Advance(next);
        if (_aheadByPrevious.Count > MaxAhead)
        {
            _aheadByPrevious.Clear();
            Lose();
        }
        Settle();
    }

    /// <summary>Updates were lost for certain.</summary>
    public void Lose()
    {
        _lost = true;
        OtherLoss = true;
    }

    /// <summary>Takes in a page of what was read after <see cref="Mark"/>.</summary>
    public void AcceptPage(ListChangesReply page, List<StreamEvent> next)
    {
        foreach (var change in page.Changes)
        {
            if (change.Id > Mark)
            {
                next.Add(StreamEvent.Of(change));
                Mark = change.Id;
            }
        }
        Mark = Math.Max(Mark ?? 0, page.UpToId);
        if (page.More)
        {
            return;
        }

        if (_numbers.HasHole)
        {
            OtherLoss = true;
            _numbers.GiveUp();
        }
        _lost = false;
        _waiting = false;
        foreach (var (previousId, change) in _aheadByPrevious.ToList())
        {
            if (previousId < Mark)
            {
                _aheadByPrevious.Remove(previousId);
                if (change.Id > Mark)
                {
                    _aheadByPrevious[Mark.Value] = change;
                }
            }
        }
        Advance(next);
        Settle();
    }

    private void Advance(List<StreamEvent> next)
    {
        while (Mark is { } mark && _aheadByPrevious.Remove(mark, out var change))
        {
            next.Add(change);
            Mark = change.Id;
        }
    }

    private void Settle()
    {
        var missing = _aheadByPrevious.Count > 0 || _numbers.HasHole;
        if (missing && !_waiting)
        {
            _waitingSince = time.GetTimestamp();
        }
        _waiting = missing;
    }

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
