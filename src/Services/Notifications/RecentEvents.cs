namespace Twite.Notifications;

/// <summary>The ids of the last few thousand events that front ends were told of, so that one that is handed over again is not announced
/// again. Forgetting one is harmless: front ends recognise a change they know. Any thread may use it.</summary>
internal sealed class RecentEvents
{
    private const int Capacity = 4_096;

    private readonly Lock _gate = new();
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();

    /// <summary>False when it is known.</summary>
    public bool TryAdd(string id)
    {
        lock (_gate)
        {
            if (!_ids.Add(id))
            {
                return false;
            }
            _order.Enqueue(id);
            if (_order.Count > Capacity)
            {
                _ids.Remove(_order.Dequeue());
            }
            return true;
        }
    }
}
