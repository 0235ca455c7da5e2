using Anywire;
using Anywire.Certificates;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;

namespace Twite.Bench.Brokers;

/// <summary>One service over a broker, and its caller.</summary>
/// <param name="transport">The transport.</param>
/// <param name="address">The broker's address.</param>
/// <param name="authority">Whom all certificates and keys are of.</param>
/// <param name="service">What the service is called.</param>
/// <param name="descriptor">Its contract.</param>
internal sealed class BrokerBed(ITransport transport, string address, TestAuthority authority, string service, ServiceDescriptor descriptor)
{
    private readonly ContractTable _contracts = new([descriptor]);
    private readonly Endpoint _endpoint = Endpoint.Parse(address);

    /// <summary>Has the service listen.</summary>
    public async Task<AnywireServer> ListenAsync(Action<ServiceBinderBase> bind)
    {
        var server = new AnywireServer(new AnywireServerOptions
        {
            Transports = new Transports(transport),
            Name = service,
            Services = [new ServiceRegistration(descriptor, bind)],
            Contracts = _contracts,
            Credentials = authority.For(service),
            Loggers = NullLoggerFactory.Instance,
        });
        await server.ListenAsync(_endpoint, CancellationToken.None);
        return server;
    }

    /// <summary>The way to it.</summary>
    public AnywireClient Connect(string caller) => new(transport, new TransportClientOptions
    {
        Endpoints = [_endpoint],
        Service = service,
        Caller = caller,
        Contracts = _contracts,
        Credentials = authority.For(caller),
        Loggers = NullLoggerFactory.Instance,
        Time = TimeProvider.System,
    });
}
