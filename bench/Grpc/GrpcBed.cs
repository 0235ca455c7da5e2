using Anywire;
using Anywire.Certificates;
using Anywire.Grpc;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Twite.Contracts;

namespace Twite.Bench.Grpc;

/// <summary>The hot call by gRPC twice, in this process over loopback: through Anywire, and as grpc-dotnet's documentation sets it up. Both with the
/// same certificates, or both without.</summary>
internal sealed class GrpcBed : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _opened = [];

    public required AccountsService.AccountsServiceClient Anywire { get; init; }

    public required AccountsService.AccountsServiceClient Plain { get; init; }

    public static async Task<GrpcBed> OpenAsync(bool secured)
    {
        using var authority = new TestAuthority();
        var (server, client) = secured ? (authority.For("accounts"), authority.For("web")) : (null, null);

        var contracts = new ContractTable([AccountsService.Descriptor]);
        var transport = new GrpcTransport();
        var anywireServer = new AnywireServer(new AnywireServerOptions
        {
            Transports = new Transports(transport),
            Services = [new ServiceRegistration(AccountsService.Descriptor, b => AccountsService.BindService(b, new Accounts()))],
            Contracts = contracts,
            Credentials = server,
            Loggers = NullLoggerFactory.Instance,
        });
        var endpoint = await anywireServer.ListenAsync(Endpoint.Parse(secured ? "grpcs://127.0.0.1:0" : "grpc://127.0.0.1:0"), CancellationToken.None);
        var anywireClient = new AnywireClient(transport, new TransportClientOptions
        {
            Endpoints = [endpoint],
            Service = "accounts",
            Caller = "web",
            Contracts = contracts,
            Credentials = client,
            Loggers = NullLoggerFactory.Instance,
            Time = TimeProvider.System,
        });

        var plainServer = await PlainGrpc.StartAsync(server, new Accounts());
        var address = plainServer.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        var channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions { HttpHandler = PlainGrpc.Handler(client) });

        var bed = new GrpcBed { Anywire = new(anywireClient.Invoker), Plain = new(channel) };
        bed._opened.AddRange([anywireClient, anywireServer, plainServer]);
        return bed;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var opened in _opened)
        {
            await opened.DisposeAsync();
        }
    }

    private sealed class Accounts : AccountsService.AccountsServiceBase
    {
        private static readonly Task<VerifySessionReply> Reply = Task.FromResult(new VerifySessionReply
        {
            Account = new Account { Id = 4_217_000_000_123, Name = "finch", DisplayName = "A finch" },
            Assertion = new string('a', 200),
            SessionId = 4_217_000_000_456,
        });

        public override Task<VerifySessionReply> VerifySession(VerifySessionRequest request, ServerCallContext context) => Reply;
    }
}
