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
using Twite.Contracts;
using Twite.Lab.Call;
using Twite.Lab.Floors;

namespace Twite.Bench.Sockets;

/// <summary>One way of carrying <em>verify session</em>, by the name that both of its processes are given: <c>dotnet</c> is grpc-dotnet by itself, <c>floor</c> a
/// bare socket, any other the scheme of an Anywire transport. An s at its end means mutual TLS.</summary>
internal sealed class Subject(string name, string keys, bool isAsync)
{
    private const long Seed = 141;

    private readonly ContractTable _contracts = new([AccountsService.Descriptor, Bulk.Descriptor]);

    private bool IsSecured => name.EndsWith('s');

    private bool IsPlainGrpc => name.StartsWith("dotnet", StringComparison.Ordinal);

    private bool IsFloor => name == "floor";

    private Transports Transports { get; } = new(new TcpTransport(), new GrpcTransport());

    /// <summary>Makes the certificates of all sides in a folder.</summary>
    public static void MakeKeys(string folder)
    {
        using var authority = new TestAuthority();
        foreach (var service in new[] { "accounts", "web" })
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
    public async Task<(IAsyncDisposable Server, int Port)> ListenAsync()
    {
        var sessions = new Sessions(Seed);
        if (IsFloor)
        {
            var floor = new BareServer(sessions);
            return (floor, floor.Port);
        }
        AccountsService.AccountsServiceBase handler = isAsync ? new YieldingAccounts(sessions) : new AccountsHandler(sessions);
        if (IsPlainGrpc)
        {
            var app = isAsync ? await PlainGrpc.StartAsync(Credentials("accounts"), (YieldingAccounts)handler) : await PlainGrpc.StartAsync(Credentials("accounts"), (AccountsHandler)handler);
            var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
            return (app, new Uri(address).Port);
        }
        var server = new AnywireServer(new AnywireServerOptions
        {
            Transports = Transports,
            Services =
            [
                new ServiceRegistration(AccountsService.Descriptor, b => AccountsService.BindService(b, handler)),
                new ServiceRegistration(Bulk.Descriptor, static b => Bulk.BindService(b, new BulkHandler())),
            ],
            Contracts = _contracts,
            Credentials = Credentials("accounts"),
            Loggers = NullLoggerFactory.Instance,
        });
        var endpoint = await server.ListenAsync(Endpoint.Parse($"{name}://127.0.0.1:0"), CancellationToken.None);
        return (server, endpoint.Port);
    }

    /// <summary>The calling side.</summary>
    public (ICallTarget Target, CallInvoker? Invoker) Connect(int port)
    {
        var sessions = new Sessions(Seed);
        if (IsFloor)
        {
            return (new BareTarget(port, sessions), null);
        }
        var invoker = IsPlainGrpc
            ? GrpcChannel.ForAddress($"http{(IsSecured ? "s" : "")}://127.0.0.1:{port}", new GrpcChannelOptions { HttpHandler = PlainGrpc.Handler(Credentials("web")) }).CreateCallInvoker()
            : new AnywireClient(Transports.All.First(t => t.Traits.Carries(name)), new TransportClientOptions
            {
                Endpoints = [Endpoint.Parse($"{name}://127.0.0.1:{port}")],
                Service = "accounts",
                Caller = "web",
                Contracts = _contracts,
                Credentials = Credentials("web"),
                Loggers = NullLoggerFactory.Instance,
                Time = TimeProvider.System,
            }).Invoker;
        return (new StubTarget(invoker, sessions, isAsync), invoker);
    }

    private ServiceCredentials? Credentials(string service) => IsSecured
        ? new ServiceCredentials(
            X509CertificateLoader.LoadPkcs12FromFile(Path.Combine(keys, $"{service}.pfx"), null),
            [X509CertificateLoader.LoadCertificateFromFile(Path.Combine(keys, "authority.pem"))])
        : null;

    /// <summary>The generated stub, with the deadline that any real client sets.</summary>
    private sealed class StubTarget(CallInvoker invoker, Sessions sessions, bool isAsync) : ICallTarget
    {
        private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(3);

        private readonly AccountsService.AccountsServiceClient _accounts = new(invoker);

        public async ValueTask<bool> VerifyAsync(long number)
        {
            var until = TimeProvider.System.GetUtcNow().UtcDateTime + Deadline;
            var reply = await _accounts.VerifySessionAsync(new VerifySessionRequest { Token = sessions.TokenOf(number) }, deadline: until);
            if (isAsync)
            {
                await Task.Yield();
            }
            return reply.Account.Id == Sessions.AccountOf(number);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
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
