using Anywire.Identity;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;

namespace Anywire.Grpc.Tests;

/// <summary>A server of the echo service as a program would run it, and clients to it.</summary>
internal sealed class EchoServer : IAsyncDisposable
{
    private readonly AnywireServer _server;
    private readonly EchoService _echo;

    private EchoServer(AnywireServer server, EchoService echo, Endpoint endpoint) => (_server, _echo, Endpoint) = (server, echo, endpoint);

    public static ContractTable Contracts { get; } = new([Echo.Descriptor]);

    public Endpoint Endpoint { get; }

    /// <summary>How many calls reached a handler.</summary>
    public int Calls => _echo.Calls;

    public Task Held => _echo.Held.Task;

    public static async Task<EchoServer> StartAsync(
        ServiceCredentials? credentials, string address = "grpcs://127.0.0.1:0", string name = "", ServerLimits? limits = null, GrpcOptions? grpc = null)
    {
        var echo = new EchoService(name);
        var server = new AnywireServer(new AnywireServerOptions
        {
            Transports = new Transports(new GrpcTransport(grpc)),
            Services = [new ServiceRegistration(Echo.Descriptor, b => Echo.BindService(b, echo))],
            Contracts = Contracts,
            Credentials = credentials,
            Limits = limits ?? new ServerLimits(),
            Loggers = NullLoggerFactory.Instance,
        });
        return new EchoServer(server, echo, await server.ListenAsync(Endpoint.Parse(address), CancellationToken.None));
    }

    public static AnywireClient Connect(
        ServiceCredentials? credentials, IReadOnlyList<Endpoint> endpoints, string service = "echo", RetryOptions? retry = null, GrpcOptions? grpc = null) =>
        new(
            new GrpcTransport(grpc),
            new TransportClientOptions
            {
                Endpoints = endpoints,
                Service = service,
                Caller = "tester",
                Contracts = Contracts,
                Credentials = credentials,
                Loggers = NullLoggerFactory.Instance,
                Time = TimeProvider.System,
            },
            retry);

    public Task StopAsync() => _server.StopAsync(CancellationToken.None);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private sealed class EchoService(string name) : Echo.EchoBase
    {
        private int _calls;

        public int Calls => Volatile.Read(ref _calls);

        public TaskCompletionSource Held { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override Task<Word> Say(Word request, ServerCallContext context)
        {
            Interlocked.Increment(ref _calls);
            return Task.FromResult(new Word { Text = name });
        }

        public override Task<Word> Ask(Word request, ServerCallContext context) => Say(request, context);

        public override Task<Word> WhoAmI(Word request, ServerCallContext context)
        {
            Interlocked.Increment(ref _calls);
            return Task.FromResult(new Word { Text = PeerIdentity.NameOf(context) ?? "" });
        }

        public override Task<Word> Whisper(Word request, ServerCallContext context) => WhoAmI(request, context);

        public override async Task<Word> Hold(Word request, ServerCallContext context)
        {
            Interlocked.Increment(ref _calls);
            Held.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return new Word();
        }
    }
}
