using Anywire;
using Anywire.Identity;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging;
using Twite.Contracts;
using Twite.Notifications.LiveUpdates;
using Twite.Notifications.Mentions;
using Twite.Storage;

namespace Twite.Notifications;

/// <summary>The Notifications service: takes the events of all others, keeps each person's list, and tells the front ends at once. Owns
/// <c>notifications.db</c>; asks Accounts who has the names that are mentioned and how to check who is calling.</summary>
public sealed class NotificationsModule : IServiceModule
{
    private readonly Database _database;
    private readonly LiveSender _live;
    private readonly Confirmations _confirmations;

    private NotificationsModule(Database database, LiveSender live, Confirmations confirmations, NotificationsEndpoint endpoint)
    {
        (_database, _live, _confirmations) = (database, live, confirmations);
        Services =
        [
            new ServiceRegistration(NotificationsService.Descriptor, binder => NotificationsService.BindService(binder, endpoint)),
        ];
    }

    /// <inheritdoc/>
    public IReadOnlyList<ServiceRegistration> Services { get; }

    /// <summary>What its database is opened with: for a tool that needs the tables and not the service.</summary>
    public static DatabaseOptions StorageOf(NotificationsOptions options) => new()
    {
        Path = Path.Combine(options.DataDirectory, "notifications.db"),
        Server = options.Server,
        Migrations = typeof(NotificationsModule).Assembly,
        Alongside = options.Alongside,
    };

    /// <summary>Opens the database.</summary>
    /// <exception cref="StorageException">It cannot be used; the message says why and what to do.</exception>
    public static async Task<NotificationsModule> OpenAsync(ServiceContext context, NotificationsOptions options, CancellationToken cancellationToken)
    {
        var database = await Database.OpenAsync(StorageOf(options), context.Loggers, context.Time, cancellationToken);
        try
        {
            var leases = new LeasesStore(database);
            // Before anybody can ask for a lease: each is of one sender.
            var sender = leases.IsShared ? await leases.BeginEpochAsync(cancellationToken) : 0;
            return Compose(context, options, database, leases, sender);
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => _live.StartAsync(cancellationToken);

    /// <inheritdoc/>
    public void OnDeadLetter(DeadLetter letter) => _confirmations.Add(letter);

    /// <inheritdoc/>
    public ValueTask<Readiness> CheckReadinessAsync(CancellationToken cancellationToken)
    {
        try
        {
            _database.Read(connection => connection.FindInt64("SELECT 1 FROM read_marks LIMIT 1"));
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
        // Each, though one before it fails.
        await using var database = _database;
        await using var confirmations = _confirmations;
        await _live.DisposeAsync();
    }

    private static NotificationsModule Compose(ServiceContext context, NotificationsOptions options, Database database, LeasesStore leases, long sender)
    {
        var logger = context.Loggers.CreateLogger<NotificationsModule>();
        var accounts = new AccountsService.AccountsServiceClient(context.Directory.Connect("accounts"));
        var live = new LiveSender(sender, leases, context.Directory, options, context.Time, logger);
        var confirmations = new Confirmations(context.Directory, options.ConfirmDelay, context.Time, logger);
        var endpoint = new NotificationsEndpoint(
            new NotificationsStore(database, options), live, new AccountNames(accounts, options.NamesKept, context.Time), confirmations,
            new UserAssertionVerifier(() => FetchKeysAsync(accounts), logger, context.Time), options, logger);
        return new NotificationsModule(database, live, confirmations, endpoint);
    }

    private static async Task<IReadOnlyList<AssertionPublicKey>> FetchKeysAsync(AccountsService.AccountsServiceClient accounts)
    {
        var reply = await accounts.AssertionKeysAsync(new Empty());
        return [.. reply.Keys.Select(key => new AssertionPublicKey(key.Id, key.PublicKey.Memory))];
    }
}
