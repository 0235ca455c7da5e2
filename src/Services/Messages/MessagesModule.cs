using System.Diagnostics;
using Anywire;
using Anywire.Identity;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging;
using Twite.Contracts;
using Twite.Storage;

namespace Twite.Messages;

/// <summary>The Messages service with its database and its outbox's relay.</summary>
public sealed class MessagesModule : IServiceModule
{
    private readonly Database _database;
    private readonly OutboxRelay _relay;
    private readonly Housekeeping _housekeeping;
    private readonly CatchUp _catchUp;
    private readonly ILogger _logger;

    private MessagesModule(Database database, OutboxRelay relay, Housekeeping housekeeping, CatchUp catchUp, MessagesEndpoint endpoint, ILogger logger)
    {
        _logger = logger;
        _database = database;
        _relay = relay;
        _housekeeping = housekeeping;
        _catchUp = catchUp;
        Services = [new ServiceRegistration(MessagesService.Descriptor, binder => MessagesService.BindService(binder, endpoint))];
    }

    /// <inheritdoc/>
    public IReadOnlyList<ServiceRegistration> Services { get; }

    /// <summary>The events that Notifications still has to be told.</summary>
    public Outbox Outbox => _database.Outbox;

    /// <summary>What its database is opened with: for a tool that needs the tables and not the service.</summary>
    public static DatabaseOptions StorageOf(MessagesOptions options) => new()
    {
        Path = Path.Combine(options.DataDirectory, "messages.db"),
        Server = options.Server,
        Migrations = typeof(MessagesModule).Assembly,
        Alongside = options.Alongside,
    };

    /// <summary>Opens the database and loads the recent messages.</summary>
    /// <exception cref="StorageException">The database cannot be used; the message says why and what to do.</exception>
    public static async Task<MessagesModule> OpenAsync(ServiceContext context, MessagesOptions options, CancellationToken cancellationToken)
    {
        var database = await Database.OpenAsync(StorageOf(options), context.Loggers, context.Time, cancellationToken);
        try
        {
            return Compose(context, options, database);
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _relay.Start();
        _housekeeping.Start();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void OnDeadLetter(DeadLetter letter) => _ = MessageEvents.LeaveWordAsync(letter, _database, _logger);

    /// <inheritdoc/>
    public ValueTask<Readiness> CheckReadinessAsync(CancellationToken cancellationToken)
    {
        try
        {
            // Whoever has not been asked for a while catches up on the way.
            _database.Read(connection => _catchUp.Run(connection) + connection.LastChangeId());
            return new(Readiness.Ready);
        }
        catch (StorageException error)
        {
            return new(new Readiness(false, error.Message));
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Each, though one before it fails.
        await using var database = _database;
        await using var relay = _relay;
        await _housekeeping.DisposeAsync();
    }

    private static MessagesModule Compose(ServiceContext context, MessagesOptions options, Database database)
    {
        var (recent, hidden) = Load(context, options, database);
        var catchUp = new CatchUp(database.IsShared, recent, hidden);
        var search = SearchIndex.Of(database);
        var writes = new MessageWrites(recent, hidden, search);
        var timeline = new Timeline(database, recent, hidden, catchUp, search);
        // The first person after a start shall not wait for the compiler.
        _ = timeline.ListByAuthors(recent.Current.Authors.Keys.Take(3), Window.Of(null), CancellationToken.None);
        var housekeeping = new Housekeeping(database, writes, options, context.Time, context.Loggers.CreateLogger<Housekeeping>());
        var accounts = new Lazy<AccountsService.AccountsServiceClient>(() => new(context.Directory.Connect("accounts")));
        var logger = context.Loggers.CreateLogger<MessagesEndpoint>();
        var users = new UserAssertionVerifier(
            async () => [.. (await accounts.Value.AssertionKeysAsync(new Empty())).Keys
                .Select(k => new AssertionPublicKey(k.Id, k.PublicKey.Memory))],
            logger, context.Time);
        var endpoint = new MessagesEndpoint(database, writes, timeline, new Changes(database, recent, hidden, catchUp, timeline), housekeeping, users, accounts, logger);
        var relay = new OutboxRelay(database, new OutboxRelayOptions(), new MessageEvents(context.Directory).HandOverAsync);
        return new MessagesModule(database, relay, housekeeping, catchUp, endpoint, logger);
    }

    private static (RecentMessages Recent, HiddenAuthors Hidden) Load(ServiceContext context, MessagesOptions options, Database database)
    {
        var started = Stopwatch.GetTimestamp();
        var loaded = database.Read(connection => (RecentRows.Load(connection, options.RecentMessages, database.IsShared), HiddenAuthors.Load(connection)));
        context.Loggers.CreateLogger<MessagesModule>().Loaded(loaded.Item1.Count, Stopwatch.GetElapsedTime(started));
        return loaded;
    }
}
