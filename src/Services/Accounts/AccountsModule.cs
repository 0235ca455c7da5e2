using Anywire;
using Microsoft.Extensions.Logging;
using Twite.Accounts.Assertions;
using Twite.Accounts.Passwords;
using Twite.Accounts.Sessions;
using Twite.Contracts;
using Twite.Storage;

namespace Twite.Accounts;

/// <summary>The Accounts service: who people are, how they prove it, and for how long. Owns <c>accounts.db</c>.</summary>
public sealed class AccountsModule : IServiceModule
{
    private readonly Database _database;
    private readonly PasswordHasher _hasher;
    private readonly Upkeep _upkeep;
    private readonly OutboxRelay _relay;

    private AccountsModule(
        Database database, PasswordHasher hasher, AssertionKeyring keys, SessionVerifier verifier, Upkeep upkeep, OutboxRelay relay, AccountsEndpoint endpoint)
    {
        _database = database;
        _hasher = hasher;
        _upkeep = upkeep;
        _relay = relay;
        Hasher = hasher;
        Keys = keys;
        Verifier = verifier;
        Upkeep = upkeep;
        Services = [new ServiceRegistration(AccountsService.Descriptor, binder => AccountsService.BindService(binder, endpoint))];
    }

    /// <inheritdoc/>
    public IReadOnlyList<ServiceRegistration> Services { get; }

    internal PasswordHasher Hasher { get; }

    internal AssertionKeyring Keys { get; }

    internal SessionVerifier Verifier { get; }

    internal Upkeep Upkeep { get; }

    /// <summary>What its database is opened with: for a tool that needs the tables and not the service.</summary>
    public static DatabaseOptions StorageOf(AccountsOptions options) => new()
    {
        Path = Path.Combine(options.DataDirectory, "accounts.db"),
        Server = options.Server,
        Migrations = typeof(AccountsModule).Assembly,
        Alongside = options.Alongside,
    };

    /// <summary>Opens the database, which only its owner may read, and makes the keys at the first start.</summary>
    /// <exception cref="StorageException">The database cannot be used; the message says why and what to do.</exception>
    public static async Task<AccountsModule> OpenAsync(ServiceContext context, AccountsOptions options, CancellationToken cancellationToken)
    {
        var storage = StorageOf(options);
        if (storage.Server is null)
        {
            PrivateFile.Prepare(storage.Path);
        }
        var database = await Database.OpenAsync(storage, context.Loggers, context.Time, cancellationToken);
        try
        {
            var secrets = new AssertionKeysStore(database);
            var keys = await AssertionKeyring.OpenAsync(secrets, options, context.Time, cancellationToken);
            var devices = new DeviceTokens(await secrets.OpenDeviceKeyAsync(cancellationToken));
            return Compose(context, options, database, keys, devices);
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
        _upkeep.Start();
        _relay.Start();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<Readiness> CheckReadinessAsync(CancellationToken cancellationToken)
    {
        try
        {
            _database.Read(connection => connection.FindInt64("SELECT 1 FROM assertion_keys LIMIT 1"));
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
        await _upkeep.DisposeAsync();
        await _database.DisposeAsync();
        Keys.Dispose();
        _hasher.Dispose();
    }

    private static AccountsModule Compose(ServiceContext context, AccountsOptions options, Database database, AssertionKeyring keys, DeviceTokens devices)
    {
        var logger = context.Loggers.CreateLogger<AccountsModule>();
        var accounts = new AccountsStore(database);
        var sessions = new SessionsStore(database);
        var hasher = new PasswordHasher(options);
        var verifier = new SessionVerifier(sessions, keys, options, context.Time);
        var logIns = new LogIns(accounts, hasher, devices, options, logger, context.Time);
        var endpoint = new AccountsEndpoint(
            accounts, sessions, verifier, logIns, hasher, new PasswordRules(new CommonPasswords()), devices, keys, database, options, logger, context.Time);
        var upkeep = new Upkeep(sessions, verifier, keys, options, logger, context.Time);
        var relay = new OutboxRelay(database, new OutboxRelayOptions(), new ClosingEvents(context.Directory).SendAsync);
        return new AccountsModule(database, hasher, keys, verifier, upkeep, relay, endpoint);
    }
}
