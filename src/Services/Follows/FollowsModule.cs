using Anywire;
using Anywire.Identity;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging;
using Twite.Contracts;
using Twite.Storage;

namespace Twite.Follows;

/// <summary>The Follows service: who listens to whom. Owns <c>follows.db</c>; asks Accounts whether somebody exists and how to check who
/// is calling.</summary>
public sealed class FollowsModule : IServiceModule
{
    private readonly Database _database;
    private readonly OutboxRelay _relay;
    private readonly ILogger _logger;

    private FollowsModule(Database database, OutboxRelay relay, FollowsEndpoint endpoint, ILogger logger)
    {
        _logger = logger;
        _database = database;
        _relay = relay;
        Services = [new ServiceRegistration(FollowsService.Descriptor, binder => FollowsService.BindService(binder, endpoint))];
    }

    /// <inheritdoc/>
    public IReadOnlyList<ServiceRegistration> Services { get; }

    /// <summary>What its database is opened with: for a tool that needs the tables and not the service.</summary>
    public static DatabaseOptions StorageOf(FollowsOptions options) => new()
    {
        Path = Path.Combine(options.DataDirectory, "follows.db"),
        Server = options.Server,
        Migrations = typeof(FollowsModule).Assembly,
        Alongside = options.Alongside,
    };

    /// <summary>Opens the database.</summary>
    /// <exception cref="StorageException">It cannot be used; the message says why and what to do.</exception>
    public static async Task<FollowsModule> OpenAsync(ServiceContext context, FollowsOptions options, CancellationToken cancellationToken)
    {
        var database = await Database.OpenAsync(StorageOf(options), context.Loggers, context.Time, cancellationToken);
        var accounts = new AccountsService.AccountsServiceClient(context.Directory.Connect("accounts"));
        var logger = context.Loggers.CreateLogger<FollowsModule>();
        var users = new UserAssertionVerifier(() => FetchKeysAsync(accounts), logger, context.Time);
        var endpoint = new FollowsEndpoint(new FollowsStore(database), accounts, users, database, options, logger);
        return new FollowsModule(database, new OutboxRelay(database, new OutboxRelayOptions(), new FollowEvents(context.Directory).SendAsync), endpoint, logger);
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _relay.Start();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void OnDeadLetter(DeadLetter letter) => _ = FollowEvents.LeaveWordAsync(letter, _database, _logger);

    /// <inheritdoc/>
    public ValueTask<Readiness> CheckReadinessAsync(CancellationToken cancellationToken)
    {
        try
        {
            _database.Read(connection => connection.FindInt64("SELECT 1 FROM counts LIMIT 1"));
            return new ValueTask<Readiness>(Readiness.Ready);
        }
        catch (StorageException error)
        {
            return new ValueTask<Readiness>(new Readiness(false, error.Message));
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _relay.DisposeAsync();
        await _database.DisposeAsync();
    }

    private static async Task<IReadOnlyList<AssertionPublicKey>> FetchKeysAsync(AccountsService.AccountsServiceClient accounts)
    {
        var reply = await accounts.AssertionKeysAsync(new Empty());
        return [.. reply.Keys.Select(key => new AssertionPublicKey(key.Id, key.PublicKey.Memory))];
    }
}
