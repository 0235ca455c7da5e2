using Anywire.Identity;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Twite.Accounts.Assertions;
using Twite.Accounts.Names;
using Twite.Accounts.Passwords;
using Twite.Accounts.Sessions;
using Twite.Contracts;
using Twite.Storage;

namespace Twite.Accounts;

/// <summary>Answers the calls of AccountsService: signing up, logging in and proving who one is. Profiles and what operators do are in the
/// other parts. Any thread may use it.</summary>
internal sealed partial class AccountsEndpoint(
    AccountsStore accounts,
    SessionsStore sessions,
    SessionVerifier verifier,
    LogIns logIns,
    PasswordHasher hasher,
    PasswordRules passwords,
    DeviceTokens devices,
    AssertionKeyring keys,
    Database database,
    AccountsOptions options,
    ILogger logger,
    TimeProvider time) : AccountsService.AccountsServiceBase
{
    // The service's own assertions come back to it: it needs nobody to tell it the keys.
    private readonly UserAssertionVerifier _users = new(() => Task.FromResult(keys.ReadPublic()), logger, time);

    /// <inheritdoc/>
    public override async Task<SessionReply> SignUp(SignUpRequest request, ServerCallContext context)
    {
        var name = AccountName.Choose(request.Name, "name");
        passwords.Check(request.Password, name, "password");
        if (accounts.IsTaken(name))
        {
            throw AccountsStore.NameTaken(name);
        }
        var attempt = logIns.CountSignUp(request.ClientAddress);
        try
        {
            var hash = await hasher.HashAsync(request.Password, context.CancellationToken);
            var session = StartSession(request.Label, out var token);
            var account = await accounts.CreateAsync(name, hash, session, context.CancellationToken);
            logger.AccountCreated(account.Id);
            return Reply(account, token, session);
        }
        catch
        {
            attempt.TakeBack();
            throw;
        }
    }

    /// <inheritdoc/>
    public override async Task<SessionReply> LogIn(LogInRequest request, ServerCallContext context)
    {
        var session = StartSession(request.Label, out var token);
        VerifiedAccount verified;
        do
        {
            verified = await logIns.CheckAsync(
                request.Name, request.Password, request.ClientAddress, request.Device, context.CancellationToken);
        }
        // Changed since it was compared: the new one counts.
        while (!await sessions.StartAsync(verified, session, options.MaxSessionsPerAccount, context.CancellationToken));
        verifier.CatchUp();
        logger.LoggedIn(verified.Account.Id);
        return Reply(verified.Account, token, session);
    }

    /// <inheritdoc/>
    public override async Task<Empty> LogOut(LogOutRequest request, ServerCallContext context)
    {
        if (SessionToken.TryHash(request.Token, out var token))
        {
            await sessions.EndByTokenAsync(token, context.CancellationToken);
            verifier.CatchUp();
        }
        return new Empty();
    }

    /// <inheritdoc/>
    public override Task<VerifySessionReply> VerifySession(VerifySessionRequest request, ServerCallContext context) =>
        verifier.Verify(request.Token);

    /// <inheritdoc/>
    public override async Task<ListSessionsReply> ListSessions(ListSessionsRequest request, ServerCallContext context)
    {
        var account = await RequireAccountAsync(context);
        return new ListSessionsReply
        {
            Sessions =
            {
                sessions.List(account.Id, time.GetUtcNow()).Select(row => new Session
                {
                    Id = row.Id,
                    Label = row.Label,
                    CreatedAt = TimestampOf(row.CreatedAt),
                    LastUsedAt = TimestampOf(row.LastUsedAt),
                    ApiToken = row.ApiToken != 0,
                }),
            },
        };
    }

    /// <inheritdoc/>
    public override async Task<Empty> EndSession(EndSessionRequest request, ServerCallContext context)
    {
        var account = await RequireAccountAsync(context);
        await sessions.EndAsync(account.Id, request.Id, context.CancellationToken);
        verifier.CatchUp();
        return new Empty();
    }

    /// <inheritdoc/>
    public override Task<AssertionKeysReply> AssertionKeys(Empty request, ServerCallContext context) =>
        Task.FromResult(keys.ReadReply());

    /// <summary>The account that a call acts for.</summary>
    private async ValueTask<AccountRow> RequireAccountAsync(ServerCallContext context) =>
        accounts.RequireActive((await _users.RequireAsync(context)).Id);

    private NewSession StartSession(string label, out string token)
    {
        token = SessionToken.Create(out var hash);
        return new NewSession(hash, SessionLabel.Of(label), time.GetUtcNow() + options.SessionLifetime);
    }

    private SessionReply Reply(AccountRow account, string token, NewSession session) => new()
    {
        Token = token,
        Account = account.ToContract(),
        ExpiresAt = session.ExpiresAt is { } expiresAt ? Timestamp.FromDateTimeOffset(expiresAt) : null,
        Device = session.ExpiresAt is null ? "" : devices.Create(account.Id),
    };

    private static Timestamp TimestampOf(long unixMilliseconds) =>
        Timestamp.FromDateTimeOffset(DateTimeOffset.FromUnixTimeMilliseconds(unixMilliseconds));
}
