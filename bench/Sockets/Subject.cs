using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using Anywire;
using Anywire.Certificates;
using Anywire.Grpc;
using Anywire.Tcp;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Twite.Bench.Grpc;
using Twite.Bench.Sockets.Floor;
using Twite.Contracts;
using Twite.Lab.Call;

namespace Twite.Bench.Sockets;

/// <summary>One way of carrying <em>verify session</em>, as both of its processes make it.</summary>
/// <param name="name">Which.</param>
/// <param name="keys">Where the certificates of all sides are (<see cref="MakeKeys"/>).</param>
/// <param name="isAsync">Whether handlers, and what follows a call, go async.</param>
internal sealed class Subject(SubjectName name, string keys, bool isAsync)
{
    private const long Seed = 141;
    private const string Service = "accounts";
    private const string Client = "web";

    private readonly ContractTable _contracts = new([AccountsService.Descriptor, Bulk.Descriptor]);

    public Sessions Sessions { get; } = new(Seed);

    /// <summary>Anywire's transports that can be subjects.</summary>
    private Transports Transports { get; } = new(new TcpTransport(), new GrpcTransport());

    /// <summary>Makes the certificates of all sides in a folder.</summary>
    public static void MakeKeys(string folder)
    {
        using var authority = new TestAuthority();
        foreach (var service in new[] { Service, Client })
        {
            var made = authority.For(service);
            File.WriteAllBytes(Path.Combine(folder, $"{service}.pfx"), made.Certificate.Export(X509ContentType.Pfx));
            File.WriteAllText(Path.Combine(folder, "authority.pem"), made.Authorities[0].ExportCertificatePem());
        }
    }

    /// <summary>Somebody listens for traces and wants none: the usual state of a service.</summary>
    public static void ListenForTraces() => ActivitySource.AddActivityListener(new ActivityListener
    {
        ShouldListenTo = static _ => true,
        Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.None,
    });

    /// <summary>Starts to handle.</summary>
    /// <returns>What ends it, and its port.</returns>
    public async Task<(IAsyncDisposable Server, int Port)> ListenAsync(BulkHandler bulk)
    {
        if (name.IsFloor)
        {
            var floor = new FloorServer(Sessions, Credentials(Service));
            return (floor, floor.Port);
        }
        if (name.IsDotnet)
        {
            var app = isAsync
                ? await PlainGrpc.StartAsync(Credentials(Service), new YieldingAccounts(Sessions))
                : await PlainGrpc.StartAsync(Credentials(Service), new AccountsHandler(Sessions));
            var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
            return (app, new Uri(address).Port);
        }
        AccountsService.AccountsServiceBase handler = isAsync ? new YieldingAccounts(Sessions) : new AccountsHandler(Sessions);
        var server = new AnywireServer(new AnywireServerOptions
        {
            Transports = Transports,
            Services =
            [
                new ServiceRegistration(AccountsService.Descriptor, b => AccountsService.BindService(b, handler)),
                new ServiceRegistration(Bulk.Descriptor, b => Bulk.BindService(b, bulk)),
            ],
            Contracts = _contracts,
            Credentials = Credentials(Service),
            Loggers = NullLoggerFactory.Instance,
        });
        var endpoint = await server.ListenAsync(Endpoint.Parse($"{name}://127.0.0.1:0"), CancellationToken.None);
        return (server, endpoint.Port);
    }

    /// <summary>The calling side.</summary>
    /// <returns>What makes calls, and what carries any other; null where nothing does.</returns>
    public (IVerifier Verifier, CallInvoker? Invoker) Connect(int port)
    {
        if (name.IsFloor)
        {
            return (new FloorClient(port, Sessions, Credentials(Client), Service), null);
        }
        if (name.IsDotnet)
        {
            var channel = GrpcChannel.ForAddress(
                $"http{(name.IsSecured ? "s" : "")}://127.0.0.1:{port}", new GrpcChannelOptions { HttpHandler = PlainGrpc.Handler(Credentials(Client)) });
            return (new StubVerifier(new Closing(channel), channel.CreateCallInvoker(), Sessions, isAsync), null);
        }
        var endpoint = Endpoint.Parse($"{name}://127.0.0.1:{port}");
        var client = new AnywireClient(Transports.For(endpoint), new TransportClientOptions
        {
            Endpoints = [endpoint],
            Service = Service,
            Caller = Client,
            Contracts = _contracts,
            Credentials = Credentials(Client),
            Loggers = NullLoggerFactory.Instance,
            Time = TimeProvider.System,
        });
        return (new StubVerifier(client, client.Invoker, Sessions, isAsync), client.Invoker);
    }

    private ServiceCredentials? Credentials(string service) => name.IsSecured
        ? new ServiceCredentials(
            X509CertificateLoader.LoadPkcs12FromFile(Path.Combine(keys, $"{service}.pfx"), null),
            [X509CertificateLoader.LoadCertificateFromFile(Path.Combine(keys, "authority.pem"))])
        : null;

    private sealed class Closing(GrpcChannel channel) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            channel.Dispose();
            return ValueTask.CompletedTask;
        }
    }

    private sealed class YieldingAccounts(Sessions sessions) : AccountsService.AccountsServiceBase
    {
        public override async Task<VerifySessionReply> VerifySession(VerifySessionRequest request, ServerCallContext context)
        {
            await Task.Yield();
            return sessions.Verify(request)!;
        }
    }
}
