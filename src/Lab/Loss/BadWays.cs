namespace Twite.Lab.Loss;

/// <summary>What stands between the senders of datagrams and their receivers. For one thread.</summary>
internal sealed class BadWays : IAsyncDisposable
{
    private readonly List<DatagramRelay> _relays = [];

    /// <summary>How many of a hundred datagrams are lost; as many come twice, and as many late.</summary>
    public int Percent { set => _relays.ForEach(r => r.Percent = value); }

    /// <summary>How many were lost.</summary>
    public int Lost => _relays.Sum(r => r.Lost);

    /// <summary>To how many that happened on the way on which it happened to the fewest.</summary>
    public int Fewest(Fate fate) => _relays.Min(r => r.Count(fate));

    /// <summary>Makes one to a port.</summary>
    /// <returns>Where it begins.</returns>
    public int To(int port)
    {
        _relays.Add(new DatagramRelay(port));
        return _relays[^1].Port;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var relay in _relays)
        {
            await relay.DisposeAsync();
        }
    }
}
