using Anywire.Messaging.Format;

namespace Anywire.Messaging.Server;

/// <summary>The calls that have come, until they expire: one that comes again is a replay. Any thread may use it.</summary>
internal sealed class SeenCalls(TimeProvider time)
{
    private const int Most = 1_000_000;

    private readonly Lock _lock = new();

    // By the second in which they expire, since all of a second are forgotten at once.
    private readonly SortedDictionary<long, HashSet<CallId>> _bySecond = [];
    private int _count;

    /// <summary>Remembers a call.</summary>
    /// <returns>False when it has come before.</returns>
    /// <exception cref="RefusedMessageException">So many are remembered that no more can be.</exception>
    public bool TryAdd(CallId call, DateTime expiry)
    {
        var second = expiry.Ticks / TimeSpan.TicksPerSecond;
        lock (_lock)
        {
            if (!_bySecond.TryGetValue(second, out var calls))
            {
                Forget();
                _bySecond.Add(second, calls = []);
            }
            if (calls.Contains(call))
            {
                return false;
            }
            if (_count >= Most)
            {
                throw new RefusedMessageException("replayed", $"{Most:N0} calls that have not expired are remembered; whether it is one of them cannot be told any more.");
            }
            calls.Add(call);
            _count++;
            return true;
        }
    }

    private void Forget()
    {
        var now = time.GetUtcNow().Ticks / TimeSpan.TicksPerSecond;
        while (_bySecond.Count > 0 && _bySecond.First() is var oldest && oldest.Key < now)
        {
            _count -= oldest.Value.Count;
            _bySecond.Remove(oldest.Key);
        }
    }
}
