namespace Anywire.Brokers;

/// <summary>One broker for all tests of a run, started by the first that needs it. Any thread may use it.</summary>
public sealed class NatsTestServer : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private Task<NatsBroker>? _broker;

    /// <summary>The running broker.</summary>
    public Task<NatsBroker> BrokerAsync()
    {
        lock (_lock)
        {
            return _broker ??= NatsBroker.StartAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_broker is not null)
        {
            await (await _broker).DisposeAsync();
        }
    }
}
