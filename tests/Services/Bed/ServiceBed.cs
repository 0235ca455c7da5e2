using System.Collections.Concurrent;
using System.Data.Common;
using Anywire;
using Grpc.Core;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Twite.Accounts;
using Twite.Accounts.Passwords;
using Twite.Contracts;
using Twite.Follows;
using Twite.Messages;
using Twite.Storage;

namespace Twite.Services.Bed;

/// <summary>The services, really running, in a directory of their own, reached over one wire. The services'
/// clock stands until it is moved; the wires keep the real one, since gRPC has no other.</summary>
public sealed class ServiceBed : IAsyncDisposable
{
    private static readonly ContractTable Contracts = new(
        [AccountsService.Descriptor, FollowsService.Descriptor, MessagesService.Descriptor, NotificationsService.Descriptor, LiveUpdatesService.Descriptor]);

    private readonly Carrier _carrier;
    private readonly Transports _transports;
    private readonly Dictionary<string, Endpoint> _endpoints = new(StringComparer.Ordinal);
    private readonly List<(IServiceModule Module, AnywireServer Server)> _running = [];
    private readonly List<BedDirectory> _directories = [];
    private readonly ConcurrentDictionary<string, BedDirectory> _callers = new(StringComparer.Ordinal);

    private readonly CallThreads _callThreads = new(16);
    private readonly string? _connectionString;
    private readonly PostgresServer? _server;

    private ServiceBed(Carrier carrier, string? connectionString)
    {
        _connectionString = connectionString;
        _carrier = carrier;
        _server = connectionString is null ? null : new PostgresServer(connectionString, "Storage:ConnectionString");
        _transports = new Transports(carrier.Transport);
    }

    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("twite-services-").FullName;

    public FakeTimeProvider Time { get; private init; } = new(new DateTimeOffset(2026, 11, 1, 12, 0, 0, TimeSpan.Zero));

    /// <summary>The cheapest hashing there is: what a password costs is not what most tests are about.</summary>
    public AccountsOptions AccountsOptions => new() { DataDirectory = Directory, Server = ServerOf("accounts"), PasswordCost = new PasswordCost(MemoryKib: 8, Passes: 1) };

    public FollowsOptions FollowsOptions => new() { DataDirectory = Directory, Server = ServerOf("follows") };

    public MessagesOptions MessagesOptions => new() { DataDirectory = Directory, Server = ServerOf("messages") };

    /// <summary>What the receivers of events were told, in place of Messages and Notifications.</summary>
    public RecordedEvents Events { get; } = new();

    /// <summary>Starts Accounts, Follows, Messages when its options are given, and stand-ins that record what the others are told.</summary>
    public static async Task<ServiceBed> StartAsync(
        Carrier carrier, Func<AccountsOptions, AccountsOptions>? accounts = null, Func<FollowsOptions, FollowsOptions>? follows = null,
        Func<MessagesOptions, MessagesOptions>? messages = null, string? database = null)
    {
        await carrier.OpenAsync();
        var bed = new ServiceBed(carrier, database ?? await carrier.CreateDatabaseAsync());
        await bed.StartAsync(accounts, follows, messages);
        return bed;
    }

    /// <summary>Starts all of them once more on the same server, by the same clock.</summary>
    public async Task<ServiceBed> StartReplicaAsync(Carrier carrier, Func<MessagesOptions, MessagesOptions>? messages = null)
    {
        var bed = new ServiceBed(carrier, _connectionString ?? throw new InvalidOperationException("Files have no replicas.")) { Time = Time };
        await bed.StartAsync(null, null, messages);
        return bed;
    }

    /// <summary>Starts them once more with the same accounts: on a server as replicas, on files with a tool's Accounts beside the one that runs.</summary>
    public Task<ServiceBed> StartBesideAsync(Carrier carrier, Func<AccountsOptions, AccountsOptions>? accounts = null) => StartAsync(
        carrier,
        options => (accounts ?? (o => o))(options with { DataDirectory = Directory, Alongside = _server is null }),
        database: _connectionString);

    /// <summary>Changes whenever something is written to Accounts' database: the length of the file's log, or the last transaction that left a row.</summary>
    public async Task<string> MarkOfAccountsAsync() => _connectionString is null
        ? new FileInfo(Path.Combine(Directory, "accounts.db-wal")).Length.ToString()
        : string.Join(' ', await AskAsync("accounts", string.Join(" UNION ALL ", new[] { "ids", "accounts", "sessions", "session_changes", "outbox" }
            .Select(table => $"SELECT coalesce(max(xmin::text::bigint), 0) || ' ' || count(*) FROM {table}"))));

    /// <summary>Keeps a service from committing anything until what this returns is disposed.</summary>
    public async Task<IAsyncDisposable> HoldWritesAsync(string service)
    {
        var connection = ConnectionTo(service, SqliteOpenMode.ReadWrite);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = ServerOf(service) is null ? "BEGIN IMMEDIATE" : "BEGIN; SELECT 1 FROM ids FOR UPDATE";
        await command.ExecuteNonQueryAsync();
        return connection;
    }

    /// <summary>Asks a service's tables themselves for the first column of some rows.</summary>
    public async Task<List<string>> AskAsync(string service, string sql)
    {
        await using var connection = ConnectionTo(service, SqliteOpenMode.ReadOnly);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // the tests' own
        command.CommandText = sql;
#pragma warning restore CA2100
        await using var rows = await command.ExecuteReaderAsync();
        var found = new List<string>();
        while (await rows.ReadAsync())
        {
            found.Add(rows.GetValue(0).ToString()!);
        }
        return found;
    }

    /// <summary>An event of Accounts that nobody confirms, and what becomes of it when its receiver has given it up.</summary>
    /// <param name="module">Who has.</param>
    /// <param name="receiver">What that is called.</param>
    /// <returns>Why Accounts has parked it.</returns>
    public async Task<string> GiveUpAsync(IServiceModule module, string receiver)
    {
        await LeaveAsync(7, receiver);
        module.OnDeadLetter(new DeadLetter("web", "/twite.v1.MessagesService/Submit", "web-1", "It is another's."));
        module.OnDeadLetter(new DeadLetter("accounts", "/twite.v1.MessagesService/OnAccountClosed", "", "It has no name."));
        module.OnDeadLetter(new DeadLetter("accounts", "/twite.v1.MessagesService/OnAccountClosed", "accounts-7", "It says nothing."));
        return await AdvanceUntilOneAsync("SELECT failure FROM outbox WHERE parked_at IS NOT NULL");
    }

    /// <summary>What a module would be given.</summary>
    public ServiceContext ContextOf(string name) => new(name, NewDirectory(name), NullLoggerFactory.Instance, Time);

    /// <summary>The way to a service, as one caller sees it.</summary>
    public CallInvoker Connect(string caller, string service) => _callers.GetOrAdd(caller, NewDirectory).Connect(service);

    public AccountsService.AccountsServiceClient Accounts(string caller = "web") => new(Connect(caller, "accounts"));

    public FollowsService.FollowsServiceClient Follows(string caller = "web") => new(Connect(caller, "follows"));

    public MessagesService.MessagesServiceClient Messages(string caller = "web") => new(Connect(caller, "messages"));

    /// <summary>Stops Messages and starts it again on the same files.</summary>
    public async Task RestartMessagesAsync(Func<MessagesOptions, MessagesOptions>? messages = null)
    {
        var running = _running.Single(r => r.Module is MessagesModule);
        await running.Server.DisposeAsync();
        await running.Module.DisposeAsync();
        _running.Remove(running);
        await RunAsync("messages", await MessagesModule.OpenAsync(ContextOf("messages"), (messages ?? (o => o))(MessagesOptions), default));
        await _running[^1].Module.StartAsync(default);
    }

    /// <summary>The running module of a name.</summary>
    public T Module<T>() where T : IServiceModule => _running.Select(r => r.Module).OfType<T>().Single();

    /// <summary>Waits for what happens in the background.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, patience.Token);
        }
    }

    /// <summary>Waits for what happens in the background, while the clock runs.</summary>
    public Task AdvanceUntilAsync(TimeSpan step, Func<bool> condition) => UntilAsync(() =>
    {
        if (condition())
        {
            return true;
        }
        Time.Advance(step);
        return false;
    });

    /// <summary>Lets the clock run until Accounts' tables have one answer to a question.</summary>
    public async Task<string> AdvanceUntilOneAsync(string sql)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            if (await AskAsync("accounts", sql) is [var only])
            {
                return only;
            }
            Time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, patience.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (_, server) in _running)
        {
            await server.DisposeAsync();
        }
        foreach (var (module, _) in _running)
        {
            await module.DisposeAsync();
        }
        foreach (var directory in _directories)
        {
            await directory.DisposeAsync();
        }
        await _carrier.DisposeAsync();
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    // An event of Accounts that was accepted, and is sent again in a while.
    private async Task LeaveAsync(long row, string receiver)
    {
        await using var connection = ConnectionTo("accounts", SqliteOpenMode.ReadWrite);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "INSERT INTO outbox (id, receiver, type, body, occurred_at, due_at) VALUES (@id, @receiver, '', @body, 0, @due_at)";
        foreach (var (name, value) in new (string, object)[]
        {
            ("id", row), ("receiver", receiver), ("body", Array.Empty<byte>()), ("due_at", (Time.GetUtcNow() + TimeSpan.FromMinutes(9)).ToUnixTimeMilliseconds()),
        })
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }
        await command.ExecuteNonQueryAsync();
    }

    private DbConnection ConnectionTo(string service, SqliteOpenMode mode) => ServerOf(service) is null
        ? new SqliteConnection($"Data Source={Path.Combine(Directory, service + ".db")};Mode={mode};Pooling=False")
        : new NpgsqlConnection($"{_connectionString};Pooling=false;Search Path={service}");

    private PostgresServer? ServerOf(string service) => _carrier.IsOnServer(service) ? _server : null;

    private async Task StartAsync(
        Func<AccountsOptions, AccountsOptions>? accounts, Func<FollowsOptions, FollowsOptions>? follows, Func<MessagesOptions, MessagesOptions>? messages)
    {
        await RunAsync("accounts", await AccountsModule.OpenAsync(ContextOf("accounts"), (accounts ?? (o => o))(AccountsOptions), default));
        await RunAsync("follows", await FollowsModule.OpenAsync(ContextOf("follows"), (follows ?? (o => o))(FollowsOptions), default));
        await RunAsync("messages", messages is null
            ? RecordedEvents.Module(Events.Messages)
            : await MessagesModule.OpenAsync(ContextOf("messages"), messages(MessagesOptions), default));
        await RunAsync("notifications", RecordedEvents.Module(Events.Notifications));
        foreach (var (module, _) in _running)
        {
            await module.StartAsync(default);
        }
    }

    private async Task RunAsync(string name, IServiceModule module)
    {
        var server = new AnywireServer(new AnywireServerOptions
        {
            Transports = _transports,
            Name = name,
            Services = module.Services,
            Contracts = Contracts,
            Interceptors = [new StorageInterceptor(ServerOf(name) is null ? null : _callThreads)],
            Credentials = _carrier.CredentialsOf(name),
            Loggers = NullLoggerFactory.Instance,
            Time = TimeProvider.System,
        });
        _endpoints[name] = await server.ListenAsync(_carrier.EndpointOf(name), default);
        // What a service left may be where nobody listens any more.
        _callers.Clear();
        _running.Add((module, server));
    }

    private BedDirectory NewDirectory(string caller)
    {
        var directory = new BedDirectory(caller, service => new AnywireClient(_carrier.Transport, new TransportClientOptions
        {
            Endpoints = [_endpoints.TryGetValue(service, out var endpoint) ? endpoint : _carrier.EndpointOf(service)],
            Service = service,
            Caller = caller,
            Contracts = Contracts,
            Credentials = _carrier.CredentialsOf(caller),
            Loggers = NullLoggerFactory.Instance,
            Time = TimeProvider.System,
        }));
        lock (_directories)
        {
            _directories.Add(directory);
        }
        return directory;
    }
}
