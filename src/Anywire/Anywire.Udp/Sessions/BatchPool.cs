using System.Collections.Concurrent;

namespace Anywire.Udp.Sessions;

/// <summary>Batches that are not in use. Any thread may use it.</summary>
internal sealed class BatchPool(int most)
{
    private readonly ConcurrentBag<Batch> _free = [];

    public Batch Rent() => _free.TryTake(out var batch) ? batch : new Batch();

    public void Return(Batch batch)
    {
        batch.Clear();
        if (_free.Count < most)
        {
            _free.Add(batch);
        }
    }
}
