using Anywire;
using Anywire.Certificates;
using Anywire.Http;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Twite.Bench.Json;
using Twite.Contracts;

namespace Twite.Bench.Http;

/// <summary>Two calls over HTTP, in this process over loopback: through Anywire in both codecs, and by hand.</summary>
internal sealed class HttpBed : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _opened = [];
    private readonly ByHand _byHand;

    private HttpBed(ByHand byHand) => _byHand = byHand;

    public required Clients Json { get; init; }

    public required Clients Protobuf { get; init; }

    public static async Task<HttpBed> OpenAsync()
    {
        using var authority = new TestAuthority();
        var (server, client) = (authority.For("accounts"), authority.For("web"));
        var contracts = new ContractTable([AccountsService.Descriptor, MessagesService.Descriptor]);
        var transport = new HttpTransport();
        var anywire = new AnywireServer(new AnywireServerOptions
        {
            Transports = new Transports(transport),
            Services =
            [
                new ServiceRegistration(AccountsService.Descriptor, b => AccountsService.BindService(b, new HotCall())),
                new ServiceRegistration(MessagesService.Descriptor, b => MessagesService.BindService(b, new Messages())),
            ],
            Contracts = contracts,
            Credentials = server,
            Loggers = NullLoggerFactory.Instance,
        });
        var endpoint = await anywire.ListenAsync(Endpoint.Parse("https://127.0.0.1:0"), CancellationToken.None);
        var opened = new List<IAsyncDisposable> { anywire };
        var byHand = await ByHand.StartAsync(server, client);
        opened.Add(byHand);
        var bed = new HttpBed(byHand) { Json = Connect(""), Protobuf = Connect("?codec=protobuf") };
        bed._opened.AddRange(opened);
        return bed;

        Clients Connect(string query)
        {
            var wire = new AnywireClient(transport, new TransportClientOptions
            {
                Endpoints = [Endpoint.Parse($"{endpoint}{query}")],
                Service = "accounts",
                Caller = "web",
                Contracts = contracts,
                Credentials = client,
                Loggers = NullLoggerFactory.Instance,
                Time = TimeProvider.System,
            });
            opened.Insert(0, wire);
            return new Clients(new AccountsService.AccountsServiceClient(wire.Invoker), new MessagesService.MessagesServiceClient(wire.Invoker));
        }
    }

    public Task VerifyByHandAsync() => _byHand.VerifyAsync();

    public Task ListByHandAsync() => _byHand.ListAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var opened in _opened)
        {
            await opened.DisposeAsync();
        }
    }

    internal sealed record Clients(AccountsService.AccountsServiceClient Accounts, MessagesService.MessagesServiceClient Messages);

    private sealed class Messages : MessagesService.MessagesServiceBase
    {
        private static readonly Task<MessagesReply> Reply = Task.FromResult(JsonSamples.Timeline());

        public override Task<MessagesReply> ListByAuthors(ListByAuthorsRequest request, ServerCallContext context) => Reply;
    }
}
