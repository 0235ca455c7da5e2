using System.Security.Cryptography;
using Anywire;
using Anywire.Identity;
using Anywire.InProcess;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Twite.Contracts;
using Twite.Messages;
using Twite.Storage;

namespace Twite.Bench.Messages;

/// <summary>Messages as in the monolith, called in process by somebody who has logged in; who keeps accounts and who is notified answer at once.</summary>
internal sealed class PostBed : IServiceDirectory, IAsyncDisposable
{
    private static readonly ContractTable Contracts = new([AccountsService.Descriptor, MessagesService.Descriptor, NotificationsService.Descriptor]);

    private readonly InProcessTransport _transport = new();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly List<IAsyncDisposable> _open = [];
    private Metadata _headers = [];
    private MessagesModule? _messages;

    public static async Task<PostBed> StartAsync(string directory, PostgresServer? server = null)
    {
        var bed = new PostBed();
        await bed.ListenAsync("accounts", threads: null, new ServiceRegistration(AccountsService.Descriptor, b => AccountsService.BindService(b, new Keys(bed._key))));
        await bed.ListenAsync("notifications", threads: null, new ServiceRegistration(NotificationsService.Descriptor, b => NotificationsService.BindService(b, new Listener())));
        var module = await MessagesModule.OpenAsync(
            new ServiceContext("messages", bed, NullLoggerFactory.Instance, TimeProvider.System), new MessagesOptions { DataDirectory = directory, Server = server }, default);
        bed._messages = module;
        bed._open.Add(module);
        // As the program does.
        await bed.ListenAsync("messages", server is null ? null : new CallThreads(16), [.. module.Services]);
        await module.StartAsync(default);
        bed.Renew();
        return bed;
    }

    /// <summary>An assertion lasts a minute.</summary>
    public void Renew() => _headers = UserIdentity.Headers(new UserAssertionSigner(_key, "bench", TimeProvider.System).Sign(new UserIdentity(1, "ann"), out _));

    public MessagesService.MessagesServiceClient Client() => new(ClientOf("web", "messages").Invoker);

    public async Task PostAsync(MessagesService.MessagesServiceClient client, string text) =>
        await client.PostAsync(new PostRequest { Text = text, IdempotencyKey = Guid.NewGuid().ToString() }, _headers);

    /// <summary>Waits until everybody was told of everything, so that the next round begins as the first did.</summary>
    public async Task DrainAsync()
    {
        while (_messages!.Outbox.Count() != (0, 0))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }

    public CallInvoker Connect(string service) => ClientOf("messages", service).Invoker;

    public CallInvoker ConnectTo(string service, Endpoint endpoint) => throw new NotSupportedException();

    public TransportTraits TraitsOf(string service) => _transport.Traits;

    public async ValueTask DisposeAsync()
    {
        foreach (var open in _open)
        {
            await open.DisposeAsync();
        }
        _key.Dispose();
    }

    private AnywireClient ClientOf(string caller, string service)
    {
        var client = new AnywireClient(_transport, new TransportClientOptions
        {
            Endpoints = [Endpoint.Parse($"inproc:{service}")],
            Service = service,
            Caller = caller,
            Contracts = Contracts,
            Loggers = NullLoggerFactory.Instance,
            Time = TimeProvider.System,
        });
        _open.Add(client);
        return client;
    }

    private async Task ListenAsync(string name, CallThreads? threads, params ServiceRegistration[] services)
    {
        var server = new AnywireServer(new AnywireServerOptions
        {
            Transports = new Transports(_transport),
            Services = services,
            Contracts = Contracts,
            Interceptors = [new StorageInterceptor(threads)],
            Loggers = NullLoggerFactory.Instance,
        });
        _open.Add(server);
        await server.ListenAsync(Endpoint.Parse($"inproc:{name}"), default);
    }

    private sealed class Keys(ECDsa key) : AccountsService.AccountsServiceBase
    {
        public override Task<AssertionKeysReply> AssertionKeys(Empty request, ServerCallContext context) => Task.FromResult(new AssertionKeysReply
        {
            Keys = { new AssertionKey { Id = "bench", PublicKey = ByteString.CopyFrom(key.ExportSubjectPublicKeyInfo()) } },
        });
    }

    private sealed class Listener : NotificationsService.NotificationsServiceBase
    {
        public override Task<Empty> OnMessagePosted(MessagePosted request, ServerCallContext context) => Task.FromResult(new Empty());
    }
}
