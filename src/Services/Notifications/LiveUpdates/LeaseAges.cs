using System.Collections.Concurrent;

namespace Twite.Notifications.LiveUpdates;

/// <summary>How long leases last yet, measured since each was first seen as it is: the time of its end is by the clock of the instance where it was renewed, which may be
/// set differently. One that is seen for the first time counts as just renewed. Any thread may use it.</summary>
/// <param name="lasts">How long a lease lasts.</param>
/// <param name="time">The clock.</param>
internal sealed class LeaseAges(TimeSpan lasts, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, (long ExpiresAtMs, long SeenAt)> _seen = new(StringComparer.Ordinal);

    /// <summary>How long a lease lasts yet; not above zero when it has lapsed.</summary>
    public TimeSpan LeftOf(StoredLease lease)
    {
        var asItIs = (lease.ExpiresAtMs, SeenAt: time.GetTimestamp());
        var seen = _seen.AddOrUpdate(lease.Instance, asItIs, (_, known) => known.ExpiresAtMs == lease.ExpiresAtMs ? known : asItIs);
        return lasts - time.GetElapsedTime(seen.SeenAt);
    }

    /// <summary>Forgets all others.</summary>
    public void Keep(IReadOnlyList<StoredLease> leases)
    {
        foreach (var gone in _seen.Keys.Except(leases.Select(lease => lease.Instance)))
        {
            _seen.TryRemove(gone, out _);
        }
    }
}
