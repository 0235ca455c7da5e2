using Anywire;
using Anywire.InProcess;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.Logging.Abstractions;
using Twite.Contracts;

namespace Twite.Web.Tests.Network;

/// <summary>Services of a test, reached through generated clients over the in-process transport. Those that are not listening fail with
/// UNAVAILABLE, as they would.</summary>
internal sealed class FakeNetwork : IServiceDirectory
{
    private readonly InProcessTransport _transport = new();
    private readonly ContractTable _contracts = new(
        [AccountsService.Descriptor, MessagesService.Descriptor, FollowsService.Descriptor, NotificationsService.Descriptor, LiveUpdatesService.Descriptor]);

    /// <summary>What the front end's own side of a call fails with, by the method's short name; null: it does not.</summary>
    public Func<string, Exception?> Fault { get; set; } = _ => null;

    public Task ListenAsync(string name, ServiceRegistration service) => _transport.ListenAsync(
        new TransportServerOptions
        {
            Endpoint = Endpoint.Parse($"inproc:{name}"),
            Bind = service.Bind,
            Contracts = _contracts,
            Limits = new ServerLimits(),
            Loggers = NullLoggerFactory.Instance,
            Time = TimeProvider.System,
        },
        CancellationToken.None);

    public CallInvoker Connect(string service) => ConnectTo(service, Endpoint.Parse($"inproc:{service}"));

    public CallInvoker ConnectTo(string service, Endpoint endpoint) => _transport.Connect(new TransportClientOptions
    {
        Endpoints = [endpoint],
        Service = service,
        Caller = "test",
        Contracts = _contracts,
        Loggers = NullLoggerFactory.Instance,
        Time = TimeProvider.System,
    }).Invoker.Intercept(new Faults(this));

    public TransportTraits TraitsOf(string service) => _transport.Traits;

    private sealed class Faults(FakeNetwork network) : Interceptor
    {
        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation) =>
            network.Fault(context.Method.Name) is { } fault ? throw fault : continuation(request, context);
    }
}
