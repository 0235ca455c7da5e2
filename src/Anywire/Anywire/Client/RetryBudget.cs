namespace Anywire.Client;

/// <summary>Bounds retries to a share of the calls: each call earns a little, each retry spends one. Any thread.</summary>
internal sealed class RetryBudget(RetryOptions options)
{
    private const int Unit = 1000;

    private readonly int _earn = (int)(options.BudgetPerCall * Unit);
    private readonly int _most = options.BudgetReserve * Unit;
    private int _saved = options.BudgetReserve * Unit;

    public void Earn()
    {
        // Full is the normal state: one read, no contention.
        var saved = Volatile.Read(ref _saved);
        while (saved < _most)
        {
            var seen = Interlocked.CompareExchange(ref _saved, Math.Min(saved + _earn, _most), saved);
            if (seen == saved)
            {
                return;
            }
            saved = seen;
        }
    }

    public bool TrySpend()
    {
        var saved = Volatile.Read(ref _saved);
        while (saved >= Unit)
        {
            var seen = Interlocked.CompareExchange(ref _saved, saved - Unit, saved);
            if (seen == saved)
            {
                return true;
            }
            saved = seen;
        }
        return false;
    }
}
