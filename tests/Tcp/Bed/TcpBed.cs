using Anywire.Certificates;
using Grpc.Core;

namespace Anywire.Tcp.Tests.Bed;

/// <summary>A server of <c>Echo</c> on a free port, and callers of it.</summary>
internal sealed class TcpBed : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _opened = [];
    private readonly TestAuthority _authority = new();
    private readonly ContractTable _contracts = new([Echo.Descriptor]);
    private readonly TcpOptions _options;
    private readonly string _scheme;

    private TcpBed(string scheme, TcpOptions? options) => (_scheme, _options) = (scheme, options ?? new TcpOptions());

    public EchoService Service { get; } = new();

    /// <summary>What stands between the service and the transport that binds its methods.</summary>
    private Func<ServiceBinderBase, ServiceBinderBase> Around { get; init; } = static b => b;

    /// <summary>The servers' clock.</summary>
    private TimeProvider Time { get; init; } = TimeProvider.System;

    public LogBook Log { get; } = new();

    public AnywireServer Server { get; private set; } = null!;

    public Endpoint Endpoint { get; private set; } = null!;

    public TestAuthority Authority => _authority;

    /// <summary>An honest caller of the first server.</summary>
    public Echo.EchoClient Client { get; private set; } = null!;

    public static async Task<TcpBed> OpenAsync(
        string scheme = "tcp", TcpOptions? options = null, ServerLimits? limits = null, Func<ServiceBinderBase, ServiceBinderBase>? around = null,
        TimeProvider? time = null)
    {
        var bed = new TcpBed(scheme, options) { Around = around ?? (static b => b), Time = time ?? TimeProvider.System };
        (bed.Server, bed.Endpoint) = await bed.ListenAsync(limits);
        bed.Client = bed.Connect();
        return bed;
    }

    /// <summary>One more server.</summary>
    public async Task<(AnywireServer Server, Endpoint Endpoint)> ListenAsync(ServerLimits? limits = null)
    {
        var server = new AnywireServer(new AnywireServerOptions
        {
            Transports = new Transports(new TcpTransport(_options)),
            Services = [new ServiceRegistration(Echo.Descriptor, b => Echo.BindService(Around(b), Service))],
            Contracts = _contracts,
            Limits = limits ?? new ServerLimits(),
            Credentials = _authority.For("echo"),
            Loggers = Log,
            Time = Time,
        });
        _opened.Add(server);
        return (server, await server.ListenAsync(Endpoint.Parse($"{_scheme}://127.0.0.1:0"), CancellationToken.None));
    }

    /// <summary>One more caller.</summary>
    /// <param name="endpoints">Where to; the first server when none is given.</param>
    /// <param name="credentials">What it proves itself with.</param>
    /// <param name="retry">How it tries again; null: never.</param>
    /// <param name="service">Whom it wants to reach.</param>
    /// <param name="time">Its clock; null: the system's.</param>
    public Echo.EchoClient Connect(
        IReadOnlyList<Endpoint>? endpoints = null, ServiceCredentials? credentials = null, RetryOptions? retry = null, string service = "echo", TimeProvider? time = null)
    {
        var client = Invoker(endpoints ?? [Endpoint], credentials, retry, service, time);
        _opened.Add(client);
        return new Echo.EchoClient(client.Invoker);
    }

    /// <summary>One more caller, which the test disposes itself.</summary>
    public (AnywireClient Invoker, Echo.EchoClient Client) ConnectApart(IReadOnlyList<Endpoint> endpoints, RetryOptions? retry = null)
    {
        var client = Invoker(endpoints, null, retry, "echo");
        return (client, new Echo.EchoClient(client.Invoker));
    }

    /// <summary>A socket to the server that says nothing by itself.</summary>
    public RawPeer Dial() => RawPeer.Connect(Endpoint.Port);

    public async ValueTask DisposeAsync()
    {
        foreach (var opened in Enumerable.Reverse(_opened))
        {
            await opened.DisposeAsync();
        }
        _authority.Dispose();
        Log.Dispose();
    }

    /// <summary>Whether the honest caller is served.</summary>
    public async Task AssertServesAsync()
    {
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal($"{i}", (await Client.SayAsync(new Line { Text = $"{i}" }).ResponseAsync.Soon()).Text);
        }
    }

    private AnywireClient Invoker(IReadOnlyList<Endpoint> endpoints, ServiceCredentials? credentials, RetryOptions? retry, string service, TimeProvider? time = null) => new(
        new TcpTransport(_options),
        new TransportClientOptions
        {
            Endpoints = endpoints,
            Service = service,
            Caller = "tester",
            Contracts = _contracts,
            Credentials = _scheme == "tcps" ? credentials ?? _authority.For("tester") : null,
            Loggers = Log,
            Time = time ?? TimeProvider.System,
        },
        retry ?? new RetryOptions { MaxAttempts = 1 });
}
