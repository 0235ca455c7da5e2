using System.Collections.Concurrent;
using Anywire.Certificates;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Anywire.Udp.Tests;

/// <summary>A server of the echo service as a program would run it, and callers of it.</summary>
internal sealed class EchoBed : IAsyncDisposable
{
    public static readonly ContractTable Contracts = new([Tests.Echo.Descriptor]);

    private readonly bool _isSealed;
    private readonly Func<TestAuthority, ServiceCredentials> _proof;
    private readonly TestAuthority _authority;
    private readonly bool _ownsAuthority;
    private readonly ConcurrentStack<IAsyncDisposable> _opened = new();

    private EchoBed(bool isSealed, Func<TestAuthority, ServiceCredentials> proof, TestAuthority? authority) =>
        (_isSealed, _proof, _authority, _ownsAuthority) = (isSealed, proof, authority ?? new TestAuthority(), authority is null);

    public EchoService Echo { get; } = new();

    public TestAuthority Authority => _authority;

    public Endpoint Endpoint { get; private set; } = null!;

    /// <summary>The server that was started last.</summary>
    public AnywireServer Server { get; private set; } = null!;

    public static async Task<EchoBed> StartAsync(bool isSealed = true, string host = "127.0.0.1", Func<TestAuthority, ServiceCredentials>? proof = null, TestAuthority? authority = null)
    {
        var bed = new EchoBed(isSealed, proof ?? (static a => a.For("echo")), authority);
        bed.Endpoint = Endpoint.Parse($"{(isSealed ? "udps" : "udp")}://{host}:0");
        await bed.ListenAsync();
        return bed;
    }

    /// <summary>Listens, on the port that it had before if it had one.</summary>
    public async Task ListenAsync()
    {
        Server = new AnywireServer(new AnywireServerOptions
        {
            Transports = new Transports(new UdpTransport()),
            Name = "echo",
            Services = [new ServiceRegistration(Tests.Echo.Descriptor, b => Tests.Echo.BindService(b, Echo))],
            Contracts = Contracts,
            Credentials = _isSealed ? _proof(_authority) : null,
            Loggers = NullLoggerFactory.Instance,
        });
        _opened.Push(Server);
        Endpoint = await Server.ListenAsync(Endpoint, CancellationToken.None);
    }

    public AnywireClient Connect(int? port = null, string caller = "tester", RetryOptions? retry = null, ServiceCredentials? credentials = null, string service = "echo", int queue = 1_024, TimeProvider? time = null,
        EchoBed? replica = null, ILoggerFactory? loggers = null)
    {
        var client = new AnywireClient(
            new UdpTransport(),
            new TransportClientOptions
            {
                Endpoints = [port is null ? Endpoint : Endpoint.WithPort(port.Value), .. replica is null ? (Endpoint[])[] : [replica.Endpoint]],
                Service = service,
                Caller = caller,
                Contracts = Contracts,
                Credentials = _isSealed ? credentials ?? _authority.For(caller) : null,
                Loggers = loggers ?? NullLoggerFactory.Instance,
                Time = time ?? TimeProvider.System,
            },
            retry ?? new RetryOptions { MaxAttempts = 1 },
            new ServerLimits { BestEffortQueue = queue });
        _opened.Push(client);
        return client;
    }

    public Echo.EchoClient Call(int? port = null) => new(Connect(port).Invoker);

    public async ValueTask DisposeAsync()
    {
        while (_opened.TryPop(out var opened))
        {
            await opened.DisposeAsync();
        }
        if (_ownsAuthority)
        {
            _authority.Dispose();
        }
    }
}

/// <summary>Says what it was told, and keeps what it should.</summary>
internal sealed class EchoService : Echo.EchoBase
{
    private int _calls;

    public int Calls => Volatile.Read(ref _calls);

    /// <summary>What was kept.</summary>
    public ConcurrentQueue<int> Kept { get; } = new();

    /// <summary>What <c>Say</c> does before it answers; null: nothing.</summary>
    public Action<ServerCallContext>? Before { get; set; }

    public override Task<Word> Say(Word request, ServerCallContext context)
    {
        Interlocked.Increment(ref _calls);
        Before?.Invoke(context);
        return Task.FromResult(request);
    }

    public override Task<Empty> Note(Word request, ServerCallContext context) => Shout(request, context);

    public override Task<Empty> Shout(Word request, ServerCallContext context)
    {
        Kept.Enqueue(request.Number);
        return Task.FromResult(new Empty());
    }
}
