using System.Collections.Concurrent;
using Anywire.Messaging.Format;

namespace Anywire.Messaging.Server;

/// <summary>The calls that have come, until they expire: one that comes again is a replay. Each sender has a place of its own, so that nobody takes another's, or names
/// another's calls before he does. Any thread may use it.</summary>
/// <param name="time">The clock.</param>
/// <param name="most">How many are remembered of one sender.</param>
internal sealed class SeenCalls(TimeProvider time, int most = SeenCalls.Most)
{
    /// <summary>So far ahead a call may expire, about as far as timers go: what is remembered must be forgotten some day.</summary>
    public static readonly TimeSpan Furthest = TimeSpan.FromDays(49);

    private const int Most = 1_000_000;

    // Whoever is in it has proved who he is, so there are no more than services.
    private readonly ConcurrentDictionary<string, OfSender> _senders = new(StringComparer.Ordinal);

    /// <summary>Remembers a call.</summary>
    /// <param name="sender">Who has proved that it is his.</param>
    /// <param name="call">The call.</param>
    /// <param name="expiry">When it may be forgotten.</param>
    /// <returns>False when it has come before.</returns>
    /// <exception cref="RefusedMessageException">So many of the sender's are remembered that no more can be.</exception>
    public bool TryAdd(string sender, CallId call, DateTime expiry) =>
        _senders.GetOrAdd(sender, static (_, self) => new OfSender(self.Time, self.Most), (Time: time, Most: most)).TryAdd(sender, call, expiry);

    private sealed class OfSender(TimeProvider time, int most)
    {
        private readonly Lock _lock = new();

        // By the second in which they expire, since all of a second are forgotten at once.
        private readonly SortedDictionary<long, HashSet<CallId>> _bySecond = [];
        private int _count;

        public bool TryAdd(string sender, CallId call, DateTime expiry)
        {
            var second = expiry.Ticks / TimeSpan.TicksPerSecond;
            lock (_lock)
            {
                var isKnown = _bySecond.TryGetValue(second, out var calls);
                if (isKnown && calls!.Contains(call))
                {
                    return false;
                }
                if (!isKnown || _count >= most)
                {
                    Forget();
                }
                if (_count >= most)
                {
                    throw new RefusedMessageException(
                        "replayed", $"{most:N0} calls of {sender} that have not expired are remembered; whether it is one of them cannot be told any more.");
                }
                if (!_bySecond.TryGetValue(second, out calls))
                {
                    _bySecond.Add(second, calls = []);
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
}
