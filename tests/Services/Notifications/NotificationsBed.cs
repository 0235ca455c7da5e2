using System.Collections.Concurrent;
using System.Security.Cryptography;
using Anywire;
using Anywire.Identity;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Twite.Contracts;
using Twite.Notifications;
using Twite.Services.Bed;
using Twite.Storage;

namespace Twite.Services.Notifications;

/// <summary>Notifications, really running, among stand-ins for the services it hears from, asks and tells; with a clock that stands until
/// it is moved.</summary>
public sealed class NotificationsBed : IServiceDirectory, IAsyncDisposable
{
    private static readonly ContractTable Contracts = new(
        [AccountsService.Descriptor, FollowsService.Descriptor, MessagesService.Descriptor, NotificationsService.Descriptor, LiveUpdatesService.Descriptor]);

    private readonly CallThreads _callThreads = new(16);
    private readonly Carrier _carrier;
    private readonly ConcurrentDictionary<(string Caller, string Service, Endpoint Endpoint), AnywireClient> _clients = new();
    private readonly ConcurrentDictionary<string, Endpoint> _endpoints = new(StringComparer.Ordinal);
    private readonly List<AnywireServer> _others = [];
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly string _directory = Directory.CreateTempSubdirectory("twite-notifications-").FullName;
    private readonly UserAssertionSigner _signer;
    private readonly List<(NotificationsModule Module, AnywireServer Server)> _replicas = [];
    private NotificationsModule _module = null!;

    /// <summary>The service.</summary>
    public NotificationsModule Module => _module;
    private AnywireServer _server = null!;
    private int _events;
    private int _frontEnds;
    private int _askedForReceivers;

    private NotificationsBed(Carrier carrier)
    {
        _carrier = carrier;
        _signer = new UserAssertionSigner(_key, "k", Time);
        Accounts = new AccountsStandIn(new AssertionPublicKey("k", _key.ExportSubjectPublicKeyInfo()));
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 1, 12, 0, 0, TimeSpan.Zero));

    /// <summary>How often Notifications asked for the way to a receiver.</summary>
    public int AskedForReceivers => Volatile.Read(ref _askedForReceivers);

    /// <summary>How often more the way to a receiver fails as nobody expects.</summary>
    public int Surprises { get; set; }

    internal AccountsStandIn Accounts { get; }

    internal SenderStandIn Messages { get; } = new();

    internal FrontEndStandIn FrontEnd { get; } = new();

    public NotificationsOptions Options { get; set; } = null!;

    public static async Task<NotificationsBed> StartAsync(Carrier carrier)
    {
        await carrier.OpenAsync();
        var bed = new NotificationsBed(carrier);
        var database = await carrier.CreateDatabaseAsync();
        bed.Options = new NotificationsOptions
        {
            DataDirectory = bed._directory,
            Server = database is null ? null : new PostgresServer(database, "Storage:ConnectionString"),
            MaxLeases = 3,
        };
        await bed.ListenAsync("accounts", new(AccountsService.Descriptor, b => AccountsService.BindService(b, bed.Accounts)));
        await bed.ListenAsync("messages", new(MessagesService.Descriptor, b => MessagesService.BindService(b, bed.Messages)));
        await bed.ListenAsync("web", bed.LiveUpdates());
        await bed.BeginAsync(null);
        return bed;
    }

    /// <summary>Stops Notifications and starts it again on the same data.</summary>
    /// <param name="whileItListens">What comes before its start.</param>
    public async Task RestartAsync(Func<Task>? whileItListens = null)
    {
        await EndAsync();
        await BeginAsync(whileItListens);
    }

    /// <summary>One more address where <see cref="FrontEnd"/> is told.</summary>
    public async Task<string> ListenForUpdatesAsync()
    {
        var (server, endpoint) = await ServeAsync("web", [LiveUpdates()], _carrier.EndpointOfFrontEnd(++_frontEnds));
        _others.Add(server);
        return endpoint.ToString();
    }

    /// <summary>Starts one more instance on the same server.</summary>
    /// <param name="whileItListens">What comes between its first call and its start, as when a program of several services begins.</param>
    /// <param name="clock">Its clock, when that is another.</param>
    /// <returns>The way to it, as a caller.</returns>
    public async Task<Func<string, NotificationsService.NotificationsServiceClient>> StartReplicaAsync(
        Func<Func<string, NotificationsService.NotificationsServiceClient>, Task>? whileItListens = null, TimeProvider? clock = null)
    {
        var module = await NotificationsModule.OpenAsync(new ServiceContext("notifications", this, NullLoggerFactory.Instance, clock ?? Time), Options, default);
        var (server, endpoint) = await ServeAsync($"notifications{_replicas.Count + 2}", [.. module.Services]);
        _replicas.Add((module, server));
        NotificationsService.NotificationsServiceClient Connect(string caller) => new(ClientOf(caller, "notifications", endpoint).Invoker);
        await (whileItListens?.Invoke(Connect) ?? Task.CompletedTask);
        await module.StartAsync(default);
        return Connect;
    }

    /// <summary>How many leases are stored.</summary>
    public async Task<long> CountLeasesAsync()
    {
        await using var database = await Database.OpenAsync(
            new DatabaseOptions
            {
                Path = Path.Combine(_directory, "notifications.db"),
                Server = Options.Server,
                Migrations = typeof(NotificationsModule).Assembly,
                Alongside = true,
            },
            NullLoggerFactory.Instance, Time, default);
        return database.Read(connection => connection.FindInt64("SELECT count(*) FROM leases"))!.Value;
    }

    public NotificationsService.NotificationsServiceClient Client(string caller = "messages") => new(ClientOf(caller, "notifications", _endpoints["notifications"]).Invoker);

    /// <summary>Calls made with these act for a person.</summary>
    public Metadata HeadersOf(long accountId) => UserIdentity.Headers(_signer.Sign(new UserIdentity(accountId, $"a{accountId}"), out _));

    public async Task<ListNotificationsReply> ListAsync(long accountId, Page? page = null) =>
        await Client("web").ListNotificationsAsync(new ListNotificationsRequest { Page = page }, HeadersOf(accountId));

    public async Task MarkReadAsync(long accountId, long upToId) =>
        await Client("web").MarkReadAsync(new MarkReadRequest { UpToId = upToId }, HeadersOf(accountId));

    /// <summary>The header of an event that its sender has not sent yet.</summary>
    public EventHeader NewHeader(string sender = "messages", bool confirm = false) => new()
    {
        Id = $"{sender}-{Interlocked.Increment(ref _events)}",
        OccurredAt = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(Time.GetUtcNow()),
        Confirm = confirm,
    };

    public MessagePosted NewPost(long id, long authorId, string text, bool confirm = false) => new()
    {
        Header = NewHeader(confirm: confirm),
        Message = new Message { Id = id, AuthorId = authorId, AuthorName = $"a{authorId}", Text = text },
        PreviousChangeId = id - 1,
    };

    public async Task PostAsync(long id, long authorId, string text) => await Client().OnMessagePostedAsync(NewPost(id, authorId, text));

    public async Task FollowAsync(long followerId, long followeeId) =>
        await Client("follows").OnFollowedAsync(new Followed { Header = NewHeader("follows"), FollowerId = followerId, FolloweeId = followeeId });

    public async Task UnfollowAsync(long followerId, long followeeId) =>
        await Client("follows").OnUnfollowedAsync(new Unfollowed { Header = NewHeader("follows"), FollowerId = followerId, FolloweeId = followeeId });

    public async Task CloseAsync(long accountId, AccountState state, TimeSpan ago = default)
    {
        var closed = new AccountClosed { Header = NewHeader("accounts"), AccountId = accountId, State = state };
        closed.Header.OccurredAt = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(Time.GetUtcNow() - ago);
        await Client("accounts").OnAccountClosedAsync(closed);
    }

    public async Task<RenewLeaseReply> RenewAsync(string instance = "one", string? address = null) =>
        await Client("web").RenewLeaseAsync(new RenewLeaseRequest { Instance = instance, ReceiverAddress = address ?? _endpoints["web"].ToString() });

    /// <summary>The same for what takes a call to find out.</summary>
    public async Task UntilAsync(Func<Task<bool>> condition, TimeSpan step)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await condition())
        {
            Time.Advance(step);
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, patience.Token);
        }
    }

    /// <summary>Waits for what happens in the background, while the clock runs in steps.</summary>
    public async Task UntilAsync(Func<bool> condition, TimeSpan step = default)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!condition())
        {
            Time.Advance(step);
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, patience.Token);
        }
    }

    CallInvoker IServiceDirectory.Connect(string service) =>
        ClientOf("notifications", service, _endpoints.GetValueOrDefault(service) ?? _carrier.EndpointOf(service)).Invoker;

    CallInvoker IServiceDirectory.ConnectTo(string service, Endpoint endpoint)
    {
        if (!_carrier.Transport.Traits.Carries(endpoint.Scheme))
        {
            throw new FormatException($"no wire carries {endpoint.Scheme}:");
        }
        Interlocked.Increment(ref _askedForReceivers);
        if (Surprises > 0)
        {
            Surprises--;
            throw new TimeZoneNotFoundException("Nobody expects this.");
        }
        return ClientOf("notifications", service, endpoint).Invoker;
    }

    TransportTraits IServiceDirectory.TraitsOf(string service) => _carrier.Transport.Traits;

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        foreach (var (module, server) in _replicas)
        {
            await server.DisposeAsync();
            await module.DisposeAsync();
        }
        foreach (var client in _clients.Values)
        {
            await client.DisposeAsync();
        }
        foreach (var server in _others)
        {
            await server.DisposeAsync();
        }
        await _carrier.DisposeAsync();
        _key.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private ServiceRegistration LiveUpdates() => new(LiveUpdatesService.Descriptor, b => LiveUpdatesService.BindService(b, FrontEnd));

    private async Task BeginAsync(Func<Task>? whileItListens)
    {
        _module = await NotificationsModule.OpenAsync(new ServiceContext("notifications", this, NullLoggerFactory.Instance, Time), Options, default);
        (_server, _endpoints["notifications"]) = await ServeAsync("notifications", [.. _module.Services]);
        await (whileItListens?.Invoke() ?? Task.CompletedTask);
        await _module.StartAsync(default);
    }

    private async Task EndAsync()
    {
        await _server.DisposeAsync();
        await _module.DisposeAsync();
    }

    private async Task ListenAsync(string name, ServiceRegistration service)
    {
        (var server, _endpoints[name]) = await ServeAsync(name, [service]);
        _others.Add(server);
    }

    private async Task<(AnywireServer Server, Endpoint Endpoint)> ServeAsync(string name, IReadOnlyList<ServiceRegistration> services, Endpoint? at = null)
    {
        var server = new AnywireServer(new AnywireServerOptions
        {
            Transports = new Transports(_carrier.Transport),
            Name = name,
            Services = services,
            Contracts = Contracts,
            Credentials = _carrier.CredentialsOf(name),
            Interceptors = [new StorageInterceptor(Options.Server is null ? null : _callThreads)],
            Loggers = NullLoggerFactory.Instance,
        });
        return (server, await server.ListenAsync(at ?? _carrier.EndpointOf(name), default));
    }

    private AnywireClient ClientOf(string caller, string service, Endpoint endpoint) => _clients.GetOrAdd((caller, service, endpoint), key => new AnywireClient(
        _carrier.Transport,
        new TransportClientOptions
        {
            Endpoints = [key.Endpoint],
            Service = key.Service,
            Caller = key.Caller,
            Contracts = Contracts,
            Credentials = _carrier.CredentialsOf(key.Caller),
            Loggers = NullLoggerFactory.Instance,
            // A wire's deadlines are real: its other side may be another process.
            Time = TimeProvider.System,
        }));
}
