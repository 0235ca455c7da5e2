using Anywire;

namespace Twite.Hosting;

/// <summary>Clients of receivers that named their own address. Bounded: the one used least recently makes room, since front ends come and
/// go. Any thread may use it.</summary>
internal sealed class ReceiverCache : IAsyncDisposable
{
    /// <summary>The most; more than there are leases at once, unless it is said that there may be more.</summary>
    public const int Capacity = 1_024;

    private readonly Lock _lock = new();
    private readonly Dictionary<Endpoint, LinkedListNode<(Endpoint Endpoint, AnywireClient Client)>> _byAddress = [];
    private readonly LinkedList<(Endpoint Endpoint, AnywireClient Client)> _byUse = new();
    private Task _closing = Task.CompletedTask;

    /// <summary>The client of an address, opened when there is none.</summary>
    public AnywireClient GetOrAdd(Endpoint endpoint, Func<AnywireClient> open)
    {
        lock (_lock)
        {
            if (_byAddress.TryGetValue(endpoint, out var known))
            {
                _byUse.Remove(known);
                _byUse.AddFirst(known);
                return known.Value.Client;
            }
            var opened = open();
            _byAddress[endpoint] = _byUse.AddFirst((endpoint, opened));
            if (_byAddress.Count > Capacity)
            {
                var oldest = _byUse.Last!.Value;
                _byUse.RemoveLast();
                _byAddress.Remove(oldest.Endpoint);
                _closing = Task.WhenAll(_closing, oldest.Client.DisposeAsync().AsTask());
            }
            return opened;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var (_, client) in _byUse)
        {
            await client.DisposeAsync();
        }
        await _closing;
    }
}
