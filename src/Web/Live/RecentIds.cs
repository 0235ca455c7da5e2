namespace Twite.Web.Live;

/// <summary>The ids seen last, of what may come twice. Bounded. For one thread.</summary>
/// <param name="most">How many are remembered.</param>
internal sealed class RecentIds(int most)
{
    private readonly HashSet<long> _known = [];
    private readonly Queue<long> _inOrder = new();

    /// <summary>Remembers one.</summary>
    /// <returns>Whether it is new.</returns>
    public bool Add(long id)
    {
        if (!_known.Add(id))
        {
            return false;
        }
        _inOrder.Enqueue(id);
        if (_inOrder.Count > most)
        {
            _known.Remove(_inOrder.Dequeue());
        }
        return true;
    }
}
