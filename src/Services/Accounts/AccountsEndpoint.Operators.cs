using Anywire;
using Anywire.Identity;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Twite.Accounts.Names;
using Twite.Accounts.Profiles;
using Twite.Accounts.Sessions;
using Twite.Contracts;

namespace Twite.Accounts;

internal sealed partial class AccountsEndpoint
{
    private const string OperatorsTool = "admin";
    private const int MaxImported = 1_000;
    private const int MaxConfirmed = 500;

    /// <inheritdoc/>
    public override async Task<SessionReply> CreateToken(CreateTokenRequest request, ServerCallContext context)
    {
        var caller = PeerIdentity.NameOf(context);
        var account = request.Name.Length > 0 && caller == OperatorsTool
            ? FindForOperator(request.Name)
            : await RequireAccountAsync(context);
        if (request.Name.Length > 0 && !string.Equals(request.Name, account.Name, StringComparison.OrdinalIgnoreCase))
        {
            throw RpcErrors.Failure(StatusCode.PermissionDenied, "NOT_YOURS", $"You are {account.Name}: you can make API tokens for yourself only.");
        }
        var secret = SessionToken.Create(out var hash);
        var token = new NewSession(hash, SessionLabel.Of(request.Label), ExpiresAt: null);
        await sessions.CreateTokenAsync(account.Id, token, options.MaxTokensPerAccount, context.CancellationToken);
        logger.TokenCreated(account.Id, caller ?? "nobody");
        return Reply(account, secret, token);
    }

    /// <inheritdoc/>
    public override async Task<Account> SetSuspended(SetSuspendedRequest request, ServerCallContext context)
    {
        var account = await accounts.SetSuspendedAsync(request.Id, request.Suspended, context.CancellationToken);
        verifier.CatchUp();
        logger.SuspensionSet(account.Id, request.Suspended);
        return account.ToContract();
    }

    /// <inheritdoc/>
    public override async Task<ImportAccountsReply> ImportAccounts(ImportAccountsRequest request, ServerCallContext context)
    {
        if (request.Accounts.Count > MaxImported)
        {
            throw RpcErrors.InvalidArgument("accounts", "TOO_MANY", $"At most {MaxImported} accounts can be imported at once. Import them in parts.");
        }
        var checkedAccounts = request.Accounts.Select((account, i) => new NewAccount(
            AccountName.Choose(account.Name, $"accounts[{i}].name"),
            ProfileRules.DisplayName(account.DisplayName, $"accounts[{i}].display_name"),
            ProfileRules.Biography(account.Biography, $"accounts[{i}].biography"))).ToArray();
        var reply = await accounts.ImportAsync(checkedAccounts, context.CancellationToken);
        logger.Imported(reply.Created);
        return reply;
    }

    /// <inheritdoc/>
    public override async Task<Empty> Handled(HandledRequest request, ServerCallContext context)
    {
        if (request.EventIds.Count > MaxConfirmed || request.Refused.Count > MaxConfirmed)
        {
            throw RpcErrors.InvalidArgument("event_ids", "TOO_MANY", $"At most {MaxConfirmed} events can be confirmed at once.");
        }
        var receiver = PeerIdentity.NameOf(context) ?? "";
        await database.Outbox.ConfirmAsync(receiver, request.EventIds, context.CancellationToken);
        await database.Outbox.ParkAsync(receiver, [.. request.Refused.Select(r => (r.EventId, r.Reason))], context.CancellationToken);
        return new Empty();
    }

    private AccountRow FindForOperator(string typed) =>
        (AccountName.TryParse(typed, out var name) ? accounts.FindByName(name) : null)
        ?? throw RpcErrors.NotFound($"There is no account with the name {typed}.");
}
