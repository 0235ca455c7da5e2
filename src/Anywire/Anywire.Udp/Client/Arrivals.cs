namespace Anywire.Udp.Client;

/// <summary>Finds out whether datagrams still arrive, both ways, from what the control connection says every two seconds: that connection may well live on where they do not,
/// behind a firewall for instance. One thread at a time.</summary>
internal sealed class Arrivals(TimeProvider time)
{
    // Four seconds in which eight probes each have not come or not been answered are no bad luck.
    private const int MostSilent = 2;

    // What is said each two seconds comes together when the connection has lost something or this process has stood still: only the first of that tells something new.
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1.5);

    private ulong _sent;
    private ulong _arrived;
    private ulong _received;
    private int _silent;
    private long? _lookedAt;

    /// <summary>To be called whenever the handler has said up to where datagrams came.</summary>
    /// <param name="sent">The counter of the next datagram to be sent.</param>
    /// <param name="arrived">The one after the newest that has arrived there.</param>
    /// <param name="received">How many have come from there.</param>
    /// <param name="waits">Whether something is waited for from there.</param>
    /// <param name="problem">What is wrong, once it has been so for long; null while nothing is known to be.</param>
    /// <returns>Whether it should be found out by probes.</returns>
    public bool Look(ulong sent, ulong arrived, ulong received, bool waits, out string? problem)
    {
        if (_lookedAt is { } before && time.GetElapsedTime(before) < Least)
        {
            problem = null;
            return false;
        }
        _lookedAt = time.GetTimestamp();
        // What was sent before the last look has had two seconds.
        var isMissing = arrived <= _arrived && arrived < _sent;
        var isUnheard = received <= _received && (waits || _silent > 0);
        (_sent, _arrived, _received) = (sent, Math.Max(arrived, _arrived), received);
        _silent = isMissing || isUnheard ? _silent + 1 : 0;
        problem = _silent <= MostSilent ? null
            : isMissing ? "no datagram arrives there any more"
            : "no datagram comes from there any more";
        return _silent > 0;
    }
}
