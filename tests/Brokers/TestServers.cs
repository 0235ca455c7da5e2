namespace Anywire.Brokers;

/// <summary>One RabbitMQ for all tests of a run.</summary>
public sealed class RabbitMqTestServer() : TestServer<RabbitMqBroker>(() => RabbitMqBroker.StartAsync());

/// <summary>One NATS server for all tests of a run.</summary>
public sealed class NatsTestServer() : TestServer<NatsBroker>(() => NatsBroker.StartAsync());

/// <summary>One NATS server with TLS for all tests of a run.</summary>
public sealed class SecuredNatsTestServer() : TestServer<NatsBroker>(() => NatsBroker.StartAsync(isSecured: true));

/// <summary>One broker for all tests of a run, started by the first that needs it. Any thread may use it.</summary>
public abstract class TestServer<TBroker>(Func<Task<TBroker>> startAsync) : IAsyncDisposable
    where TBroker : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private Task<TBroker>? _broker;

    /// <summary>The running broker.</summary>
    public Task<TBroker> BrokerAsync()
    {
        lock (_lock)
        {
            return _broker ??= startAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_broker is not null)
        {
            await (await _broker).DisposeAsync();
        }
        GC.SuppressFinalize(this);
    }
}
