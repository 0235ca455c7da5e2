using System.Collections.Concurrent;
using Grpc.Core.Interceptors;

namespace Anywire.Conformance;

/// <summary>How a case wants its server and its client; what is not said has the defaults.</summary>
public sealed record StageOptions
{
    public ServerLimits Limits { get; init; } = new();

    public ServerLimits ClientLimits { get; init; } = new();

    public IReadOnlyList<Interceptor> Interceptors { get; init; } = [];

    public RetryOptions Retry { get; init; } = new();

    /// <summary>The name the client calls under.</summary>
    public string Caller { get; init; } = "tester";

    /// <summary>False: nobody listens until the case starts the server itself.</summary>
    public bool Listening { get; init; } = true;
}

/// <summary>A server and a client over the transport under test, with the handlers between them.</summary>
public sealed class Stage : IAsyncDisposable
{
    private readonly TransportUnderTest _wire;
    private readonly StageOptions _options;
    private readonly List<IAsyncDisposable> _opened = [];

    private Stage(TransportUnderTest wire, StageOptions options, Endpoint address)
    {
        (_wire, _options, Address) = (wire, options, address);
        Contracts = new ContractTable([Conformance.Calls.Descriptor, Conformance.Plain.Descriptor, Absent.Descriptor]);
        Client = null!;
        Server = null!;
    }

    public Handlers Handlers { get; } = new();

    public LogBook Log { get; } = new();

    /// <summary>What the server was told of.</summary>
    public ConcurrentQueue<DeadLetter> DeadLetters { get; } = new();

    public ContractTable Contracts { get; }

    public Endpoint Address { get; private set; }

    /// <summary>The server that was started last.</summary>
    public AnywireServer Server { get; private set; }

    public AnywireClient Client { get; private set; }

    public Calls.CallsClient Calls => new(Client.Invoker);

    public Plain.PlainClient Plain => new(Client.Invoker);

    public static async Task<Stage> OpenAsync(TransportUnderTest wire, StageOptions options)
    {
        var stage = new Stage(wire, options, wire.Address());
        if (options.Listening)
        {
            await stage.ListenAsync();
        }
        stage.Client = stage.Connect(options.Caller);
        return stage;
    }

    /// <summary>Starts a server on the stage's address; again after the last one has gone.</summary>
    public async Task ListenAsync()
    {
        Server = new AnywireServer(new AnywireServerOptions
        {
            Transports = new Transports(_wire.Transport),
            Name = "service",
            DeadLettered = DeadLetters.Enqueue,
            Services =
            [
                new ServiceRegistration(Conformance.Calls.Descriptor, b => Conformance.Calls.BindService(b, new CallsService(Handlers))),
                new ServiceRegistration(Conformance.Plain.Descriptor, b => Conformance.Plain.BindService(b, new PlainService(Handlers))),
            ],
            Contracts = Contracts,
            Limits = _options.Limits,
            Interceptors = _options.Interceptors,
            Credentials = _wire.CredentialsOf("service"),
            Loggers = Log,
        });
        _opened.Add(Server);
        Address = await Server.ListenAsync(Address, CancellationToken.None);
    }

    /// <summary>One more client to the server, under a name of its own.</summary>
    public AnywireClient Connect(string caller, RetryOptions? retry = null)
    {
        var client = new AnywireClient(
            _wire.Transport,
            new TransportClientOptions
            {
                Endpoints = [Address],
                Service = "service",
                Caller = caller,
                Contracts = Contracts,
                Credentials = _wire.CredentialsOf(caller),
                Loggers = Log,
                Time = TimeProvider.System,
            },
            retry ?? _options.Retry,
            _options.ClientLimits);
        _opened.Add(client);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        // Clients first: a server that goes while calls are under way is a case of its own.
        foreach (var opened in Enumerable.Reverse(_opened))
        {
            await opened.DisposeAsync();
        }
        Log.Dispose();
    }
}
