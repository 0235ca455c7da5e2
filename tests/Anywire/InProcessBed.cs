using Anywire.InProcess;
using Anywire.Tests.Samples;
using Microsoft.Extensions.Logging.Abstractions;

namespace Anywire.Tests;

/// <summary>A service of the samples in this process, and who calls it.</summary>
internal sealed class InProcessBed : IAsyncDisposable
{
    private readonly AnywireServer _server;

    private InProcessBed(AnywireServer server, AnywireClient client) => (_server, Client) = (server, client);

    public AnywireClient Client { get; }

    public static async Task<InProcessBed> StartAsync(ServiceRegistration service, TimeProvider time)
    {
        var (transport, contracts, address) = (new InProcessTransport(), new ContractTable([service.Descriptor]), Endpoint.Parse("inproc:bed"));
        var server = new AnywireServer(new AnywireServerOptions
        {
            Transports = new Transports(transport), Services = [service], Contracts = contracts, Loggers = NullLoggerFactory.Instance,
        });
        await server.ListenAsync(address, CancellationToken.None);
        return new InProcessBed(server, new AnywireClient(transport, new TransportClientOptions
        {
            Endpoints = [address], Service = "bed", Caller = "web", Contracts = contracts, Loggers = NullLoggerFactory.Instance, Time = time,
        }));
    }

    /// <summary>Starts the sample service that has a contract.</summary>
    public static Task<InProcessBed> StartAsync(Whole.WholeBase service, TimeProvider time) =>
        StartAsync(new ServiceRegistration(Whole.Descriptor, binder => Whole.BindService(binder, service)), time);

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await _server.DisposeAsync();
    }
}
