using Anywire;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Twite.Hosting;
using Twite.Topologies;

namespace Twite.ProgramTests.Brokers;

/// <summary>A broker that comes after the services.</summary>
public sealed class LateBrokerTests : IDisposable
{
    private readonly CommandLine _twite = new();

    [Fact]
    public async Task A_service_waits_for_it()
    {
        var broker = new LateBroker();
        var starting = StartAsync(broker, CancellationToken.None);
        await broker.Refused.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.False(starting.IsCompleted);
        broker.Start();
        await using var host = await starting.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal("accounts", broker.Listener);
    }

    [Fact]
    public async Task Told_to_stop_it_waits_no_more()
    {
        var broker = new LateBroker();
        using var stop = new CancellationTokenSource();
        var starting = StartAsync(broker, stop.Token);
        await broker.Refused.WaitAsync(TimeSpan.FromMinutes(1));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => starting.WaitAsync(TimeSpan.FromMinutes(1)));
    }

    public void Dispose() => _twite.Dispose();

    private Task<TwiteHost> StartAsync(LateBroker broker, CancellationToken cancellationToken) => TwiteHost.StartAsync(
        new TwiteHostOptions
        {
            Topology = TopologyFile.Parse($$"""{ "services": { {{string.Join(", ", ServiceCatalog.Services.Keys.Select((s, i) => $$"""  "{{s}}": { "listen": ["late://127.0.0.1:{{i + 1}}"] }"""))}} } }""", "t.json"),
            DataDirectory = _twite.Data,
            Services = ["accounts"],
            Insecure = true,
            Start = false,
            Configuration = new ConfigurationBuilder().Build(),
            Transports = new Transports(broker),
            Loggers = NullLoggerFactory.Instance,
        },
        cancellationToken);

    /// <summary>A wire over a broker that is not there yet.</summary>
    private sealed class LateBroker : ITransport
    {
        private readonly TaskCompletionSource _refused = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile bool _isThere;

        public TransportTraits Traits { get; } = new() { Name = "late", Scheme = "lates", PlainScheme = "late", SharesAddresses = true };

        public Task Refused => _refused.Task;

        public string? Listener { get; private set; }

        public void Start() => _isThere = true;

        public Task<ITransportServer> ListenAsync(TransportServerOptions options, CancellationToken cancellationToken)
        {
            if (!_isThere)
            {
                _refused.TrySetResult();
                throw new IOException("Nobody is there.");
            }
            Listener = options.Service;
            return Task.FromResult<ITransportServer>(new Server(options.Endpoint));
        }

        public ITransportClient Connect(TransportClientOptions options) => throw new NotSupportedException("Nobody is called.");

        private sealed record Server(Endpoint Endpoint) : ITransportServer
        {
            public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
