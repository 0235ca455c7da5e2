using Anywire.Udp.Sessions;

namespace Anywire.Udp.Client;

/// <summary>How many datagrams may be on their way: what the receiver has room for, and less while datagrams are being lost. One thread at a time.</summary>
internal sealed class SendWindow(int granted)
{
    private const int First = 4 * Batch.MaxDatagrams;
    private const int Least = 2 * Batch.MaxDatagrams;

    private int _granted = Math.Max(granted, Batch.MaxDatagrams);

    // The receiver has room for more, but nobody knows yet whether the way has.
    private int _size = First;
    private ulong _reported;
    private ulong _lost;

    /// <summary>How many may be on their way.</summary>
    public int Size => Math.Min(_size, _granted);

    /// <summary>Up to where datagrams have come, as far as is known.</summary>
    public ulong Reported => _reported;

    /// <summary>How many datagrams the receiver says that it misses.</summary>
    public ulong Lost => _lost;

    /// <summary>Whether so many may go, when as many have gone before.</summary>
    public bool HasRoom(ulong sent, int count) => sent <= _reported || sent - _reported + (uint)count <= (uint)Size;

    /// <summary>The receiver has said what came.</summary>
    /// <param name="next">The highest counter that came, plus one.</param>
    /// <param name="received">How many different ones came.</param>
    /// <param name="window">How many may be on their way.</param>
    public void Take(ulong next, ulong received, int window)
    {
        if (next < _reported || received > next)
        {
            // An older report that came late, or nonsense.
            return;
        }
        _reported = next;
        _granted = Math.Max(window, Batch.MaxDatagrams);
        var lost = next - received;
        // Halved when some were lost, and a batch larger for each report that says that none was: what every sender on a shared way does.
        _size = lost > _lost ? Math.Max(_size / 2, Least) : Math.Min(_size + Batch.MaxDatagrams, _granted);
        _lost = lost;
    }

    /// <summary>So much has come, whatever was lost of it: the two counts of the control connection are not of one moment.</summary>
    public void Advance(ulong next) => _reported = Math.Max(_reported, next);

    /// <summary>The receiver does not say anything: what was on its way is taken for lost.</summary>
    public void Forget(ulong sent)
    {
        _reported = Math.Max(_reported, sent);
        _size = Least;
    }
}
