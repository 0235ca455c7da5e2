using Anywire;

namespace Twite.Accounts.Throttling;

/// <summary>One attempt that counts as a failure under some keys until it is known to be none. Used by one thread at a time.</summary>
internal sealed class Attempt
{
    private readonly List<(Throttle Throttle, string Key)> _counted = [];

    /// <summary>Counts the attempt under one more key.</summary>
    /// <param name="throttle">The count.</param>
    /// <param name="key">What it is counted under; null counts nothing.</param>
    /// <param name="refused">Told when it is refused.</param>
    /// <exception cref="Grpc.Core.RpcException">RESOURCE_EXHAUSTED: too many already. The attempt is then not counted anywhere.</exception>
    public void Count(Throttle throttle, string? key, Action refused)
    {
        if (key is null)
        {
            return;
        }
        if (!throttle.TryCount(key, out var retryAfter))
        {
            TakeBack();
            refused();
            var minutes = Math.Max(1, (int)Math.Ceiling(retryAfter.TotalMinutes));
            throw RpcErrors.TooMany($"Too many attempts. Try again in {minutes} {(minutes == 1 ? "minute" : "minutes")}.", retryAfter);
        }
        _counted.Add((throttle, key));
    }

    /// <summary>It was no failure.</summary>
    public void TakeBack()
    {
        foreach (var (throttle, key) in _counted)
        {
            throttle.TakeBack(key);
        }
        _counted.Clear();
    }
}
