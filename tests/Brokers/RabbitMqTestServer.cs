namespace Anywire.Brokers;

/// <summary>One broker for all tests of a run, started by the first that needs it. Any thread may use it.</summary>
public sealed class RabbitMqTestServer : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private Task<RabbitMqBroker>? _broker;

    /// <summary>The running broker.</summary>
    public Task<RabbitMqBroker> BrokerAsync()
    {
        lock (_lock)
        {
            return _broker ??= RabbitMqBroker.StartAsync();
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
