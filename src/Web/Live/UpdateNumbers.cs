namespace Twite.Web.Live;

/// <summary>Keeps count of the numbers that one instance of Notifications gives its updates, tolerating disorder. Not thread-safe.</summary>
internal sealed class UpdateNumbers
{
    private const int MaxEarly = 1_000;
    private readonly HashSet<long> _early = [];
    private long _epoch;
    private long _contiguous;
    private long _highest;

    /// <summary>Some numbers below the highest have not come (yet).</summary>
    public bool HasHole => _contiguous < _highest;

    /// <summary>Takes in a number.</summary>
    /// <param name="epoch">Epochs only grow.</param>
    /// <param name="number">The update's, or the last one sent when <paramref name="isStatement"/>.</param>
    /// <param name="isStatement">A tick or a lease: says what the last number was and is no update itself.</param>
    /// <returns>False when a new epoch begins: updates may have been missed.</returns>
    public bool Accept(long epoch, long number, bool isStatement)
    {
        if (epoch < _epoch)
        {
            return true;
        }
        if (epoch > _epoch)
        {
            _epoch = epoch;
            _contiguous = _highest = number;
            _early.Clear();
            return false;
        }

        _highest = Math.Max(_highest, number);
        if (!isStatement && number > _contiguous && _early.Count < MaxEarly)
        {
            _early.Add(number);
            while (_early.Remove(_contiguous + 1))
            {
                _contiguous++;
            }
        }
        return true;
    }

    /// <summary>What has not come will not: counts on from the highest.</summary>
    public void GiveUp()
    {
        _contiguous = _highest;
        _early.Clear();
    }
}
