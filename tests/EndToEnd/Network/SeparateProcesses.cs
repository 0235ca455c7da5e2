using Twite.Processes;

[assembly: AssemblyFixture(typeof(Twite.EndToEnd.HttpProcesses))]
[assembly: AssemblyFixture(typeof(Twite.EndToEnd.GrpcProcesses))]
[assembly: AssemblyFixture(typeof(Twite.EndToEnd.TcpProcesses))]
[assembly: AssemblyFixture(typeof(Twite.EndToEnd.SocketsProcesses))]
[assembly: AssemblyFixture(typeof(Twite.EndToEnd.QueueProcesses))]
[assembly: AssemblyFixture(typeof(Twite.EndToEnd.NatsProcesses))]
[assembly: AssemblyFixture(typeof(Twite.EndToEnd.MixedProcesses))]

namespace Twite.EndToEnd;

/// <summary>What <c>twite up --topology NAME</c> starts: each service a process of its own, mutual TLS on every boundary.</summary>
public abstract class SeparateProcesses(string topology) : VisitedNetwork
{
    private UpNetwork? _network;

    /// <summary>Has a service be gone until the result is disposed; it runs already.</summary>
    public async Task<IAsyncDisposable> TakeAwayAsync(string service)
    {
        await _network!.TakeAwayAsync(service);
        return new Return(_network, service);
    }

    protected override async Task<string> StartOnceAsync()
    {
        _network = new UpNetwork(topology);
        // Every person of these tests signs up from this machine.
        _network.Start("--Accounts:SignUpsPerAddress:Count=1000", "--Logging:LogLevel:Default=Warning", "--Logging:LogLevel:Twite.Supervision=Information");
        await _network.WaitUntilUpAsync();
        return _network.Url;
    }

    protected override ValueTask StopAsync() => _network?.DisposeAsync() ?? ValueTask.CompletedTask;

    private sealed class Return(UpNetwork network, string service) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await network.LetBackAsync(service);
    }
}

/// <summary>REST over HTTP between them.</summary>
public sealed class HttpProcesses() : SeparateProcesses("http");

/// <summary>gRPC between them.</summary>
public sealed class GrpcProcesses() : SeparateProcesses("grpc");

/// <summary>Raw sockets between them.</summary>
public sealed class TcpProcesses() : SeparateProcesses("tcp");

/// <summary>Events and live updates by datagrams, the rest over raw sockets.</summary>
public sealed class SocketsProcesses() : SeparateProcesses("sockets");

/// <summary>RabbitMQ between them.</summary>
public sealed class QueueProcesses() : SeparateProcesses("queue");

/// <summary>NATS between them.</summary>
public sealed class NatsProcesses() : SeparateProcesses("nats");

/// <summary>Events over RabbitMQ, the rest over gRPC.</summary>
public sealed class MixedProcesses() : SeparateProcesses("mixed");
