using System.Collections.Concurrent;
using Anywire.Messaging.Format;
using Anywire.Messaging.Sealing;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace Anywire.Messaging.Tests;

/// <summary>Servers of the echo service and their callers in a network of their own on a broker.</summary>
internal sealed class EchoBed(BrokerUnderTest broker) : IAsyncDisposable
{
    private static readonly ContractTable Contracts = new([Echo.Descriptor]);
    private static readonly RetryOptions Once = new() { MaxAttempts = 1 };

    private readonly string _network = $"n{Guid.NewGuid():N}";
    private readonly ConcurrentStack<IAsyncDisposable> _opened = new();

    public FakeLogCollector Log { get; } = new();

    /// <summary>The servers' clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where requests go: a queue's name with one broker, a subject with the other.</summary>
    public string Requests => $"{_network}.echo.requests";

    public Func<string, ServiceCredentials?> Credentials => broker.Credentials;

    /// <summary>For how many tries what a service notes with is away, of one that begins to listen.</summary>
    public int AwayFor { get; set; }

    /// <summary>Where the broker is.</summary>
    public Endpoint Endpoint => broker.Address(_network);

    /// <summary>Listens.</summary>
    /// <param name="name">What the service says that it is.</param>
    /// <param name="ports">Where the nodes are, in this order; none: where the broker is.</param>
    public async Task<EchoService> ListenAsync(string name = "", params int[] ports) => (await ServeAsync(name, ports)).Service;

    /// <summary>Listens, and gives the server too.</summary>
    public async Task<(AnywireServer Server, EchoService Service)> ServeAsync(string name = "", params int[] ports)
    {
        var echo = new EchoService(name) { AwayFor = AwayFor };
        var server = new AnywireServer(new AnywireServerOptions
        {
            Transports = new Transports(broker.Transport),
            Name = "echo",
            DeadLettered = DeadLetters.Enqueue,
            Services = [new ServiceRegistration(Echo.Descriptor, b => Echo.BindService(b, echo))],
            Contracts = Contracts,
            Credentials = broker.Credentials("echo"),
            Time = Time,
            Loggers = LoggerFactory.Create(log => log.AddProvider(new FakeLoggerProvider(Log))),
        });
        _opened.Push(server);
        Endpoint[] nodes = ports.Length == 0 ? [Endpoint] : [.. ports.Select(Endpoint.WithPort)];
        await server.ListenAsync(nodes[0], nodes[1..], CancellationToken.None);
        return (server, echo);
    }

    /// <summary>Where events go.</summary>
    public string Events => $"{_network}.echo.events";

    /// <summary>Where they go that were given up.</summary>
    public string Dead => $"{_network}.echo.dead";

    /// <summary>What servers were told of.</summary>
    public ConcurrentQueue<DeadLetter> DeadLetters { get; } = new();

    /// <summary>What somebody calls the service with.</summary>
    public TransportClientOptions ClientOptions(string caller) => new()
    {
        Endpoints = [Endpoint],
        Service = "echo",
        Caller = caller,
        Contracts = Contracts,
        Credentials = broker.Credentials(caller),
        Loggers = LoggerFactory.Create(log => log.AddProvider(new FakeLoggerProvider(Log))),
        Time = TimeProvider.System,
    };

    /// <summary>What a service would send, sealed with the keys of one that is asked for.</summary>
    public byte[] Request(string sealer, string sender, string method, string receiver = "echo", CallId? call = null, DateTime? expiry = null)
    {
        var message = new MessageWriter(
            MessageKind.Request, call ?? new CallId(CallId.NewInstance(), 1), sender, receiver, new Seals(Credentials(sealer)!.MessageKeys!).For(sealer, receiver));
        new RequestHead(method, expiry ?? TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(10), 0, null).Write(message);
        message.Body(Marshallers.Create(static (Word w) => w.ToByteArray(), Word.Parser.ParseFrom), new Word { Text = "evil" });
        return message.Finish().ToArray();
    }

    /// <summary>Connects.</summary>
    /// <param name="caller">Who calls.</param>
    /// <param name="port">Where the node is that it connects to; null: where the broker is.</param>
    public Echo.EchoClient Connect(string caller = "tester", int? port = null)
    {
        var options = ClientOptions(caller);
        var client = new AnywireClient(broker.Transport, port is null ? options : options with { Endpoints = [Endpoint.WithPort(port.Value)] }, Once);
        _opened.Push(client);
        return new Echo.EchoClient(client.Invoker);
    }

    public async ValueTask DisposeAsync()
    {
        while (_opened.TryPop(out var opened))
        {
            await opened.DisposeAsync();
        }
    }
}

/// <summary>Says what it was told, and by whom.</summary>
internal sealed class EchoService(string name) : Echo.EchoBase
{
    private int _calls;
    private int _awayFor;

    /// <summary>What it says that it is.</summary>
    public string Name { get; set; } = name;

    public int Calls => Volatile.Read(ref _calls);

    /// <summary>What it waits for before it answers.</summary>
    public Task Answers { get; set; } = Task.CompletedTask;

    public override async Task<Word> Say(Word request, ServerCallContext context)
    {
        Interlocked.Increment(ref _calls);
        await Answers;
        return new Word { Text = request.Text, By = Name };
    }

    /// <summary>Whether it refuses to note anything.</summary>
    public bool Refuses { get; set; }

    /// <summary>What it notes with is away for so many tries.</summary>
    public int AwayFor
    {
        get => Volatile.Read(ref _awayFor);
        set => Volatile.Write(ref _awayFor, value);
    }

    /// <summary>What was noted.</summary>
    public ConcurrentQueue<string> Notes { get; } = new();

    public override async Task<Empty> Note(Word request, ServerCallContext context)
    {
        await Answers;
        if (Refuses)
        {
            throw RpcErrors.InvalidArgument("text", "WRONG", "Not that.");
        }
        if (Interlocked.Decrement(ref _awayFor) >= 0)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "What it is noted with is away."));
        }
        Notes.Enqueue(request.Text);
        return new Empty();
    }

    public override Task<Word> Ask(Word request, ServerCallContext context) => Say(request, context);

    /// <summary>Called where a held call is cancelled.</summary>
    public Action OnCancelled { get; set; } = () => { };

    public override async Task<Word> Hold(Word request, ServerCallContext context)
    {
        await using var cancelled = context.CancellationToken.UnsafeRegister(_ => OnCancelled(), null);
        Interlocked.Increment(ref _calls);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return new Word();
    }

    public override async Task Watch(Word request, IServerStreamWriter<Word> responseStream, ServerCallContext context)
    {
        await responseStream.WriteAsync(request);
        await Hold(request, context);
    }
}
