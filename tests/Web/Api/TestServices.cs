using System.Collections.Concurrent;
using Anywire;
using Anywire.InProcess;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.Logging.Abstractions;
using Twite.Contracts;

namespace Twite.Web.Tests.Api;

/// <summary>Services within the test's process, over the in-process transport, or one that has its addresses, and the waist.</summary>
internal sealed class TestServices(ITransport? transport = null) : IAsyncDisposable
{
    private readonly ITransport _transport = transport ?? new InProcessTransport();
    private readonly ConcurrentStack<IAsyncDisposable> _owned = new();

    public ContractTable Contracts { get; } = new(
        [AccountsService.Descriptor, MessagesService.Descriptor, FollowsService.Descriptor, NotificationsService.Descriptor, LiveUpdatesService.Descriptor]);

    /// <returns>What answers; disposing it takes the service away.</returns>
    public async Task<IAsyncDisposable> ListenAsync(string name, IReadOnlyList<ServiceRegistration> services)
    {
        var server = new AnywireServer(new AnywireServerOptions
        {
            Transports = new Transports(_transport),
            Services = services,
            Contracts = Contracts,
            Loggers = NullLoggerFactory.Instance,
        });
        await server.ListenAsync(Endpoint.Parse($"inproc:{name}"), CancellationToken.None);
        _owned.Push(server);
        return server;
    }

    /// <summary>The services as one of them sees them.</summary>
    public IServiceDirectory For(string caller, Interceptor? interceptor = null) => new Directory(this, caller, interceptor);

    public async ValueTask DisposeAsync()
    {
        foreach (var owned in _owned)
        {
            await owned.DisposeAsync();
        }
    }

    private sealed class Directory(TestServices services, string caller, Interceptor? interceptor) : IServiceDirectory
    {
        private readonly ConcurrentDictionary<Endpoint, CallInvoker> _invokers = new();

        public CallInvoker Connect(string service) => ConnectTo(service, Endpoint.Parse($"inproc:{service}"));

        public CallInvoker ConnectTo(string service, Endpoint endpoint) => _invokers.GetOrAdd(endpoint, _ => Open(service, endpoint));

        public TransportTraits TraitsOf(string service) => services._transport.Traits;

        private CallInvoker Open(string service, Endpoint endpoint)
        {
            var client = new AnywireClient(services._transport, new TransportClientOptions
            {
                Endpoints = [endpoint],
                Service = service,
                Caller = caller,
                Contracts = services.Contracts,
                Loggers = NullLoggerFactory.Instance,
                Time = TimeProvider.System,
            });
            services._owned.Push(client);
            return interceptor is null ? client.Invoker : client.Invoker.Intercept(interceptor);
        }
    }
}
