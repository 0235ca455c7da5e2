using Anywire;
using Anywire.InProcess;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Twite.Lab.Tests.Wires;

/// <summary>What a <see cref="FakeWire"/> does wrong, and how often. Every nth, so that a test knows how many.</summary>
internal sealed record FakeWireOptions
{
    /// <summary>How long each call takes on its way.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>Every so manieth event is acknowledged and never delivered; 0: none.</summary>
    public int LoseEvery { get; init; }

    /// <summary>Every so manieth event is delivered twice; 0: none.</summary>
    public int DoubleEvery { get; init; }

    /// <summary>Every so manieth event is held back and delivered after the next one; 0: none.</summary>
    public int SwapEvery { get; init; }

    /// <summary>Every so manieth call fails; 0: none.</summary>
    public int FailEvery { get; init; }

    /// <summary>Every so manieth call is delivered and fails all the same; 0: none. Not those that <see cref="LoseEvery"/> of that number loses.</summary>
    public int FailAfterEvery { get; init; }

    /// <summary>So many calls take 20 ms longer, before the wire is warm.</summary>
    public int Cold { get; init; }

    /// <summary>What each call uses of the client's CPU.</summary>
    public TimeSpan ClientCpu { get; init; }

    /// <summary>What each call uses of the server's CPU.</summary>
    public TimeSpan ServerCpu { get; init; }

    /// <summary>What each call uses of the CPU of a broker that it goes through; zero: it goes through none.</summary>
    public TimeSpan BrokerCpu { get; init; }

    /// <summary>The largest message that it says it carries.</summary>
    public int MaxMessageBytes { get; init; } = int.MaxValue;
}

/// <summary>A wire whose price and faults are known: what the lab says about it must be that. Within this process, to whom it may concern.</summary>
internal sealed class FakeWire(FakeWireOptions options) : ITransport
{
    private readonly InProcessTransport _inner = new();
    private long _calls;
    private long _clientCpu;
    private long _serverCpu;
    private long _brokerCpu;

    public TransportTraits Traits { get; } = new() { Name = "fake", Scheme = "fake", NeedsCredentials = false, SharesAddresses = options.BrokerCpu > TimeSpan.Zero, MaxMessageBytes = options.MaxMessageBytes };

    /// <summary>What clients have used so far.</summary>
    public TimeSpan ClientCpu => TimeSpan.FromTicks(Interlocked.Read(ref _clientCpu));

    /// <summary>What servers have used so far.</summary>
    public TimeSpan ServerCpu => TimeSpan.FromTicks(Interlocked.Read(ref _serverCpu));

    /// <summary>What brokers have used so far.</summary>
    public TimeSpan BrokerCpu => TimeSpan.FromTicks(Interlocked.Read(ref _brokerCpu));

    /// <summary>A column for it.</summary>
    /// <param name="key">As <see cref="Column.Key"/>.</param>
    /// <param name="beside">As <see cref="Column.Beside"/>.</param>
    public Column Column(string key = "fake", string? beside = null) => Lab.Column.Wire(key, $"Fake {key}", "fake:{name}", () => new Transports(this), beside: beside);

    public Task<ITransportServer> ListenAsync(TransportServerOptions server, CancellationToken cancellationToken) => _inner.ListenAsync(server, cancellationToken);

    public ITransportClient Connect(TransportClientOptions client) => new Client(_inner.Connect(client), new Faults(this, options));

    private sealed class Client(ITransportClient inner, Interceptor faults) : ITransportClient
    {
        public CallInvoker Invoker { get; } = inner.Invoker.Intercept(faults);

        public Task ConnectAsync(CancellationToken cancellationToken) => inner.ConnectAsync(cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }

    private sealed class Faults(FakeWire wire, FakeWireOptions options) : Interceptor
    {
        private readonly Lock _lock = new();
        private Func<Task>? _held;

        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
        {
            var reply = CarryAsync(Interlocked.Increment(ref wire._calls), async () => await continuation(request, context));
            return new AsyncUnaryCall<TResponse>(
                reply, Task.FromResult(new Metadata()), () => Status.DefaultSuccess, () => [], () => { });
        }

        private async Task<TResponse> CarryAsync<TResponse>(long number, Func<Task<TResponse>> deliver)
        {
            Interlocked.Add(ref wire._clientCpu, options.ClientCpu.Ticks);
            Interlocked.Add(ref wire._serverCpu, options.ServerCpu.Ticks);
            Interlocked.Add(ref wire._brokerCpu, options.BrokerCpu.Ticks);
            if (options.Latency > TimeSpan.Zero)
            {
                await Task.Delay(options.Latency, TimeProvider.System);
            }
            if (number <= options.Cold)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
            }
            if (Hits(number, options.FailEvery))
            {
                throw new RpcException(new Status(StatusCode.Internal, "The fake wire broke it."));
            }
            if (Hits(number, options.LoseEvery))
            {
                return Activator.CreateInstance<TResponse>();
            }
            if (Hits(number, options.SwapEvery))
            {
                lock (_lock)
                {
                    _held = () => deliver();
                }
                return Activator.CreateInstance<TResponse>();
            }
            var delivered = await deliver();
            if (Hits(number + (options.FailAfterEvery / 2), options.FailAfterEvery))
            {
                throw new RpcException(new Status(StatusCode.Internal, "The fake wire broke the answer."));
            }
            if (Hits(number, options.DoubleEvery))
            {
                await deliver();
            }
            await ReleaseAsync();
            return delivered;
        }

        private Task ReleaseAsync()
        {
            lock (_lock)
            {
                var held = _held;
                _held = null;
                return held?.Invoke() ?? Task.CompletedTask;
            }
        }

        private static bool Hits(long number, int every) => every > 0 && number % every == 0;
    }
}
